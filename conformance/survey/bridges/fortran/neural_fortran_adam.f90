! adam of neural-fortran: an optimizer for each layer, which updates its weights and then its biases.
module neural_fortran_adam
  use iso_c_binding, only: c_float, c_int
  use nf_optimizers, only: adam
  implicit none
  private
  type(adam), allocatable :: layers(:)

contains

  ! Make the optimizers of layers that have so many parameters.
  subroutine nf_start(count, sizes, beta1, beta2, epsilon, decay) bind(c)
    integer(c_int), value :: count
    integer(c_int), intent(in) :: sizes(count)
    real(c_float), value :: beta1, beta2, epsilon, decay
    integer :: i
    if (allocated(layers)) deallocate(layers)
    allocate(layers(count))
    do i = 1, count
      layers(i) % beta1 = beta1
      layers(i) % beta2 = beta2
      layers(i) % epsilon = epsilon
      layers(i) % weight_decay_decoupled = decay
      call layers(i) % init(sizes(i))
    end do
  end subroutine nf_start

  ! Update the weights or the biases of a layer, which is counted from 0.
  subroutine nf_step(layer, learning_rate, count, param, grad) bind(c)
    integer(c_int), value :: layer, count
    real(c_float), value :: learning_rate
    real(c_float), intent(inout) :: param(count)
    real(c_float), intent(in) :: grad(count)
    layers(layer + 1) % learning_rate = learning_rate
    call layers(layer + 1) % minimize(param, grad)
  end subroutine nf_step

end module neural_fortran_adam
