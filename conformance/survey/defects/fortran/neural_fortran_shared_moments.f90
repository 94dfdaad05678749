! adam of neural-fortran (91819e3): weights and biases of a layer share moments and the count of steps.
!     gfortran nf_optimizers.f90 neural_fortran_shared_moments.f90
! The optimizer of a layer updates its weights, then its biases, as network % update does. The first
! step of Adam moves every parameter by the learning rate, whatever its gradient is.
program neural_fortran_shared_moments
  use nf_optimizers, only: adam
  implicit none
  type(adam) :: optimizer
  real :: weights(2) = 0, biases(1) = 0

  optimizer % learning_rate = 0.001
  call optimizer % init(size(weights) + size(biases))
  call optimizer % minimize(weights, [1., 1.])
  call optimizer % minimize(biases, [0.01])
  print '(3f12.7, a)', weights, biases, ', and must be -0.0010000 three times'
  if (abs(biases(1) + 0.001) < 1e-7) error stop 'it is mended'
end program neural_fortran_shared_moments
