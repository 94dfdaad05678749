// adam of neural-fortran, through fortran/neural_fortran_adam.f90. As its networks do, two parameters
// share the optimizer of a layer, its weights and its biases; with -DALONE each has its own.
#include "words.hpp"

extern "C" void nf_start(int count, const int *sizes, float beta1, float beta2, float epsilon,
                         float decay);
extern "C" void nf_step(int layer, float learning_rate, int count, float *param,
                        const float *grad);

namespace {

#ifdef ALONE
const size_t IN_A_LAYER = 1;
#else
const size_t IN_A_LAYER = 2;
#endif

template <class T>
struct Adam {
    Adam(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        std::vector<int> sizes((tensors.size() + IN_A_LAYER - 1) / IN_A_LAYER, 0);
        for (size_t i = 0; i < tensors.size(); i++)
            sizes[i / IN_A_LAYER] += static_cast<int>(tensors[i].param.size());
        nf_start(static_cast<int>(sizes.size()), sizes.data(), numbers.beta1, numbers.beta2,
                 numbers.epsilon, numbers.weight_decay);
    }

    void step(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        if constexpr (sizeof(T) == 4)
            for (size_t i = 0; i < tensors.size(); i++)
                nf_step(static_cast<int>(i / IN_A_LAYER), numbers.learning_rate,
                        static_cast<int>(tensors[i].param.size()), tensors[i].param.data(),
                        tensors[i].grad.data());
    }
};

}  // namespace

int main() {
    return words::serve<Adam>(
        "started 1 neural-fortran\ndtypes float32\nsupports schedule weight_decay");
}
