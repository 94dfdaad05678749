// dlib::adam. It has no epsilon to set: 1e-8 is compiled in, and so the judge states it.
#include <dlib/dnn.h>

#include "words.hpp"

namespace {

// What dlib::adam asks of a layer.
struct Layer {
    dlib::resizable_tensor params;
    const dlib::tensor &get_layer_params() const { return params; }
};

double get_learning_rate_multiplier(const Layer &) { return 1; }
double get_weight_decay_multiplier(const Layer &) { return 1; }

template <class T>
struct Adam {
    std::vector<dlib::adam> solvers;

    Adam(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        if (static_cast<float>(numbers.epsilon) != 1e-8f)
            throw words::Cannot("epsilon is 1e-8, and cannot be set");
        for (size_t i = 0; i < tensors.size(); i++)
            solvers.emplace_back(numbers.weight_decay, numbers.beta1, numbers.beta2);
    }

    void step(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        for (size_t i = 0; i < tensors.size(); i++) {
            std::vector<T> &param = tensors[i].param;
            // It asserts that a layer has parameters.
            if (param.empty()) continue;
            Layer layer;
            dlib::resizable_tensor grad;
            layer.params.set_size(param.size());
            grad.set_size(param.size());
            std::copy(param.begin(), param.end(), layer.params.host());
            std::copy(tensors[i].grad.begin(), tensors[i].grad.end(), grad.host());
            const dlib::tensor &change = solvers[i](numbers.learning_rate, layer, grad);
            dlib::tt::add(1, layer.params, 1, change);
            std::copy(layer.params.begin(), layer.params.end(), param.begin());
        }
    }
};

}  // namespace

int main() {
    return words::serve<Adam>("started 1 dlib 19.24\ndtypes float32\nsupports schedule weight_decay");
}
