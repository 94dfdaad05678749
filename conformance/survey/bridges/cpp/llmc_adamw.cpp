// gpt2_update of llm.c, through c/llmc_update.c: AdamW on all parameters as one array.
#include "words.hpp"

extern "C" void llmc_update(float *param, float *grad, float *m, float *v, size_t size,
                            float learning_rate, float beta1, float beta2, float epsilon,
                            float weight_decay, int t);

namespace {

template <class T>
struct Adam {
    int t = 0;

    Adam(const words::Numbers &, words::Tensors<T> &tensors) {
        for (auto &tensor : tensors) {
            tensor.m.assign(tensor.param.size(), 0);
            tensor.v = tensor.m;
        }
    }

    void step(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        t++;
        if constexpr (sizeof(T) == 4)
            for (auto &x : tensors)
                llmc_update(x.param.data(), x.grad.data(), x.m.data(), x.v.data(), x.param.size(),
                            numbers.learning_rate, numbers.beta1, numbers.beta2, numbers.epsilon,
                            numbers.weight_decay, t);
    }
};

}  // namespace

int main() {
    return words::serve<Adam>("started 1 llm.c\ndtypes float32\nsupports schedule weight_decay");
}
