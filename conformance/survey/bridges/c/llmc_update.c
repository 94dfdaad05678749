/* gpt2_update of llm.c, on one array of parameters. */
#define TESTING /* leaves out its `main` */
#include "train_gpt2.c"

void llmc_update(float *param, float *grad, float *m, float *v, size_t size, float learning_rate,
                 float beta1, float beta2, float epsilon, float weight_decay, int t) {
    GPT2 model = {0};
    model.params_memory = param;
    model.grads_memory = grad;
    model.m_memory = m;
    model.v_memory = v;
    model.num_parameters = size;
    gpt2_update(&model, learning_rate, beta1, beta2, epsilon, weight_decay, t);
}
