// tiny_dnn::adam: one optimizer for all weights of a network.
// Its epsilon is private, and nothing sets it: this is compiled with -fno-access-control.
#include <tiny_dnn/util/util.h>
#include <tiny_dnn/optimizers/optimizer.h>

#include "words.hpp"

namespace {

template <class T>
struct Adam {
    tiny_dnn::adam optimizer;
    // The optimizer knows the weights by their place in memory.
    std::vector<tiny_dnn::vec_t> weights;

    Adam(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        optimizer.eps = static_cast<float>(numbers.epsilon);
        optimizer.b1 = optimizer.b1_t = static_cast<float>(numbers.beta1);
        optimizer.b2 = optimizer.b2_t = static_cast<float>(numbers.beta2);
        for (const auto &tensor : tensors)
            weights.emplace_back(tensor.param.begin(), tensor.param.end());
    }

    void step(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        optimizer.alpha = static_cast<float>(numbers.learning_rate);
        for (size_t i = 0; i < tensors.size(); i++) {
            tiny_dnn::vec_t grad(tensors[i].grad.begin(), tensors[i].grad.end());
            optimizer.update(grad, weights[i], false);
            std::copy(weights[i].begin(), weights[i].end(), tensors[i].param.begin());
        }
    }
};

}  // namespace

int main() {
    return words::serve<Adam>("started 1 tiny-dnn 1.0.0a3\ndtypes float32\nsupports schedule");
}
