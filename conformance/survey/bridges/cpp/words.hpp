// The line protocol in words: `words::serve<Adam>` speaks it, and Adam<T> takes the steps.
//
//     template <class T>
//     struct Adam {
//         Adam(const words::Numbers &numbers, words::Tensors<T> &tensors);
//         void step(const words::Numbers &numbers, words::Tensors<T> &tensors);
//     };
//
// A step reads `grad` and changes `param`. Where `m` and `v` are filled too, they are shown. Either
// may throw words::Cannot: the run is then skipped with this reason.
#pragma once

#include <cstdint>
#include <cstring>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace words {

struct Numbers {
    double learning_rate, beta1, beta2, epsilon, weight_decay;
    bool amsgrad;
};

struct Cannot : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <class T>
struct Tensor {
    std::vector<T> param, grad, m, v;
    bool has_grad;
};

template <class T>
using Tensors = std::vector<Tensor<T>>;

// A number has as many hexadecimal digits as its bits need.
template <class T>
T decode(const std::string &word) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    Bits bits = static_cast<Bits>(std::stoull(word, nullptr, 16));
    T number;
    std::memcpy(&number, &bits, sizeof number);
    return number;
}

template <class T>
void write(std::ostream &out, const char *name, const Tensors<T> &tensors,
           std::vector<T> Tensor<T>::*array) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    out << name;
    for (const Tensor<T> &tensor : tensors)
        for (T number : tensor.*array) {
            Bits bits;
            std::memcpy(&bits, &number, sizeof bits);
            char text[20];
            std::snprintf(text, sizeof text, " %0*llx", 2 * static_cast<int>(sizeof bits),
                          static_cast<unsigned long long>(bits));
            out << text;
        }
    out << '\n';
}

// Read a run from behind its line `dtype` to its end, and return the answer.
template <class T, template <class> class Adam>
std::string run(const std::string &seq) {
    Numbers numbers = {};
    Tensors<T> tensors;
    std::unique_ptr<Adam<T>> adam;
    size_t done = 0;
    bool wanted = false;
    std::ostringstream answer;
    std::string line, word, refusal;
    answer << "ran " << seq << '\n';
    while (std::getline(std::cin, line) && line != "end") {
        std::istringstream in(line);
        std::string key;
        in >> key;
        std::vector<T> values;
        if (key == "param" || key == "grad") {
            int rank = 0, size;
            std::string kind;
            for (key == "param" ? in >> rank : in >> kind; rank > 0; rank--) in >> size;
            while (in >> word) values.push_back(decode<T>(word));
            if (key == "param") {
                tensors.push_back({values, {}, {}, {}, false});
                continue;
            }
            tensors[done].grad = values;
            tensors[done].has_grad = kind == "dense";
            if (++done < tensors.size() || !refusal.empty()) continue;
            try {
                if (!adam) adam = std::make_unique<Adam<T>>(numbers, tensors);
                adam->step(numbers, tensors);
            } catch (const Cannot &error) {
                refusal = error.what();
                continue;
            }
            bool shows = true;
            for (const Tensor<T> &tensor : tensors) shows &= tensor.m.size() == tensor.param.size();
            if (!wanted) continue;
            write(answer, "params", tensors, &Tensor<T>::param);
            if (!shows) continue;
            write(answer, "m", tensors, &Tensor<T>::m);
            write(answer, "v", tensors, &Tensor<T>::v);
            continue;
        }
        in >> word;
        if (key == "step") wanted = word == "1", done = 0;
        else if (key == "learning_rate" || key == "rate") numbers.learning_rate = decode<double>(word);
        else if (key == "beta1") numbers.beta1 = decode<double>(word);
        else if (key == "beta2") numbers.beta2 = decode<double>(word);
        else if (key == "epsilon") numbers.epsilon = decode<double>(word);
        else if (key == "weight_decay") numbers.weight_decay = decode<double>(word);
        else if (key == "amsgrad") numbers.amsgrad = true;
        else refusal = "it does not know: " + line;
    }
    return refusal.empty() ? answer.str() + "end" : "skipped " + seq + " " + refusal;
}

// Speak until the judge says stop. `started` has the lines of the first answer but its `end`.
template <template <class> class Adam>
int serve(const char *started) {
    std::string line, word, seq, dtype;
    std::getline(std::cin, line);
    std::cout << started << "\nend" << std::endl;
    while (std::cin >> word >> seq) {
        std::cin >> word >> dtype;
        std::getline(std::cin, line);
        std::cout << (dtype == "float32" ? run<float, Adam>(seq) : run<double, Adam>(seq))
                  << std::endl;
    }
    return 0;
}

}  // namespace words
