// tiny_dnn::adam (Debian's tiny-dnn 1.0.0a3) is one step ahead, and counts parameters as steps.
//     g++ -O2 tiny_dnn_counts_parameters.cpp -lpthread
// The first step of Adam moves every weight by the learning rate, 0.001. Here three equal weights,
// in arrays of their own, as those of three layers, move by three different amounts.
#include <tiny_dnn/util/util.h>
#include <tiny_dnn/optimizers/optimizer.h>

#include <cmath>
#include <cstdio>

int main() {
    bool mended = true;
    tiny_dnn::adam optimizer;
    std::vector<tiny_dnn::vec_t> weights(3, tiny_dnn::vec_t(1, 0.0f));
    for (auto &weight : weights) {
        optimizer.update(tiny_dnn::vec_t(1, 1.0f), weight, false);
        std::printf("%.7f, and must be -0.0010000\n", weight[0]);
        mended &= std::fabs(weight[0] + 0.001f) < 1e-7f;
    }
    return mended;
}
