// ens::AdamUpdate, the policy that ens::Adam runs; and ens::AMSGradUpdate with -DAMSGRAD.
#include <ensmallen.hpp>

#include "words.hpp"

namespace {

#ifdef AMSGRAD
using Update = ens::AMSGradUpdate;
#else
using Update = ens::AdamUpdate;
#endif

template <class T>
struct Adam {
    using Matrix = arma::Col<T>;
    Update update;
    // One for all parameters: it counts its calls.
    std::vector<std::unique_ptr<typename Update::template Policy<Matrix, Matrix>>> policies;

    Adam(const words::Numbers &numbers, words::Tensors<T> &tensors)
        : update(numbers.epsilon, numbers.beta1, numbers.beta2) {
        for (const auto &tensor : tensors)
            policies.emplace_back(new typename Update::template Policy<Matrix, Matrix>(
                update, tensor.param.size(), 1));
    }

    void step(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        for (size_t i = 0; i < tensors.size(); i++) {
            Matrix param(tensors[i].param);
            policies[i]->Update(param, numbers.learning_rate, Matrix(tensors[i].grad));
            tensors[i].param.assign(param.begin(), param.end());
        }
    }
};

}  // namespace

int main() {
    return words::serve<Adam>("started 1 ensmallen 3.11.1\ndtypes float32 float64\nsupports schedule");
}
