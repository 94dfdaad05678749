// torch::optim::Adam of the C++ API; torch::optim::AdamW with -DADAMW.
#include <torch/torch.h>

#include "words.hpp"

namespace {

#ifdef ADAMW
using Kind = torch::optim::AdamW;
using Options = torch::optim::AdamWOptions;
using State = torch::optim::AdamWParamState;
#else
using Kind = torch::optim::Adam;
using Options = torch::optim::AdamOptions;
using State = torch::optim::AdamParamState;
#endif

template <class T>
torch::Tensor copied(std::vector<T> &numbers) {
    auto dtype = sizeof(T) == 4 ? torch::kFloat32 : torch::kFloat64;
    return torch::from_blob(numbers.data(), {static_cast<long>(numbers.size())}, dtype).clone();
}

template <class T>
std::vector<T> numbers_of(const torch::Tensor &tensor) {
    const T *data = tensor.const_data_ptr<T>();
    return std::vector<T>(data, data + tensor.numel());
}

template <class T>
struct Adam {
    std::vector<torch::Tensor> params;
    std::unique_ptr<Kind> optimizer;

    Adam(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        if (numbers.weight_decay < 0) throw words::Cannot("it refuses a negative weight decay");
        for (auto &tensor : tensors) params.push_back(copied(tensor.param));
        auto options = Options(numbers.learning_rate)
                           .betas({numbers.beta1, numbers.beta2})
                           .eps(numbers.epsilon)
                           .weight_decay(numbers.weight_decay)
                           .amsgrad(numbers.amsgrad);
        optimizer = std::make_unique<Kind>(params, options);
    }

    void step(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        optimizer->param_groups()[0].options().set_lr(numbers.learning_rate);
        for (size_t i = 0; i < tensors.size(); i++)
            params[i].mutable_grad() =
                tensors[i].has_grad ? copied(tensors[i].grad) : torch::Tensor();
        optimizer->step();
        for (size_t i = 0; i < tensors.size(); i++) {
            tensors[i].param = numbers_of<T>(params[i]);
            auto found = optimizer->state().find(params[i].unsafeGetTensorImpl());
            // Before the first gradient there are no moments, which are zero then.
            tensors[i].m.assign(tensors[i].param.size(), 0);
            tensors[i].v = tensors[i].m;
            if (found == optimizer->state().end()) continue;
            auto &state = static_cast<State &>(*found->second);
            tensors[i].m = numbers_of<T>(state.exp_avg());
            tensors[i].v = numbers_of<T>(state.exp_avg_sq());
        }
    }
};

}  // namespace

int main() {
    return words::serve<Adam>("started 1 libtorch " TORCH_VERSION
                              "\nsupports none schedule weight_decay amsgrad");
}
