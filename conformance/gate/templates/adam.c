/* An Adam that `adamref check cmd:./adam` judges. Put yours into step_float and step_double. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct { double learning_rate, beta1, beta2, epsilon; int amsgrad, t; } Adam;

/* Yours: step t of a parameter of n elements. Delete what you lack in the line with `supports`. */
static void step_float(Adam a, size_t n, float *p, float *m, float *v, float *max, float *g) {
    float lr = a.learning_rate, beta1 = a.beta1, beta2 = a.beta2, epsilon = a.epsilon;
    float bias1 = 1 - pow(a.beta1, a.t), bias2 = 1 - pow(a.beta2, a.t);
    for (size_t i = 0; i < n; i++) {
        m[i] = beta1 * m[i] + (float)(1 - a.beta1) * g[i];
        v[i] = beta2 * v[i] + (float)(1 - a.beta2) * g[i] * g[i];
        max[i] = max[i] > v[i] ? max[i] : v[i];
        float m_hat = m[i] / bias1, v_hat = (a.amsgrad ? max[i] : v[i]) / bias2;
        p[i] -= lr * m_hat / (sqrtf(v_hat) + epsilon);
    }
}
static void step_double(Adam a, size_t n, double *p, double *m, double *v, double *max, double *g) {
    double bias1 = 1 - pow(a.beta1, a.t), bias2 = 1 - pow(a.beta2, a.t);
    for (size_t i = 0; i < n; i++) {
        m[i] = a.beta1 * m[i] + (1 - a.beta1) * g[i];
        v[i] = a.beta2 * v[i] + (1 - a.beta2) * g[i] * g[i];
        max[i] = max[i] > v[i] ? max[i] : v[i];
        double m_hat = m[i] / bias1, v_hat = (a.amsgrad ? max[i] : v[i]) / bias2;
        p[i] -= a.learning_rate * m_hat / (sqrt(v_hat) + a.epsilon);
    }
}

/* The rest speaks with the judge: words, and numbers as the hexadecimal digits of their bits. */
enum { PARAM, M, V, V_MAX, GRAD };
static double memory[5][1 << 21]; /* of all parameters, one behind the other; little-endian */
static size_t sizes[256], start, total, width, params, done, wanted; /* width: in bytes */
static char word[32], seq[32];
static Adam a;
static void next(void) { if (scanf("%31s", word) != 1) exit(0); }
static void echo(void) { next(); printf("ran %s\n", strcpy(seq, word)); }
static int is(const char *text) { return !strcmp(word, text); }
static int count(void) { next(); return atoi(word); }
static uint64_t bits(void) { next(); return strtoull(word, NULL, 16); }
static double number(void) { double x; memcpy(&x, &(uint64_t){bits()}, 8); return x; }
static void *at(int which) { return (char *)memory[which] + start * width; }
static uint64_t bits_at(void *from) { uint64_t b = 0; memcpy(&b, from, width); return b; }
static void get(int which, size_t n) {
    for (char *to = at(which); n > 0; n--, to += width) memcpy(to, &(uint64_t){bits()}, width);
}
static void put(const char *name, int which) {
    printf("%s", name);
    for (start = 0; start < total; start++) printf(" %0*" PRIx64, 2 * (int)width, bits_at(at(which)));
    puts("");
}
int main(void) {
    if (scanf("%*[^\n]") == EOF) return 0; /* the first line, which says start */
    puts("started 1 my-adam 0.1\ndtypes float32 float64\nsupports none schedule load amsgrad\nend");
    for (fflush(stdout), next(); !is("stop"); fflush(stdout), next()) {
        if (wanted && (is("step") || is("end"))) { /* the step before is complete */
            put("params", PARAM), put("m", M), put("v", V);
            if (a.amsgrad) put("v_max", V_MAX);
        }
        if (is("end")) { puts("end"); wanted = 0; }
        else if (is("run")) echo(), a = (Adam){0}, params = start = total = wanted = 0;
        else if (is("float32") || is("float64")) width = is("float32") ? 4 : 8;
        else if (is("learning_rate") || is("rate")) a.learning_rate = number();
        else if (is("beta1")) a.beta1 = number(); else if (is("beta2")) a.beta2 = number();
        else if (is("epsilon")) a.epsilon = number(); else if (is("amsgrad")) a.amsgrad = count();
        else if (is("param")) {
            size_t n = 1, rank = count();
            while (rank-- > 0) n *= count();
            for (int which = M; which <= V_MAX; which++) memset(at(which), 0, n * width);
            get(PARAM, n);
            start = total += sizes[params++] = n;
        }
        else if (is("load_t")) for (start = done = 0; done < params; done++) a.t = count();
        else if (is("load_m")) get(M, total);
        else if (is("load_v")) get(V, total); else if (is("load_v_max")) get(V_MAX, total);
        else if (is("step")) { wanted = count(); a.t++; start = done = 0; }
        else if (is("none")) start += sizes[done++];
        else if (is("dense")) {
            size_t n = sizes[done++];
            get(GRAD, n);
            if (width == 4) step_float(a, n, at(PARAM), at(M), at(V), at(V_MAX), at(GRAD));
            else step_double(a, n, at(PARAM), at(M), at(V), at(V_MAX), at(GRAD));
            start += n;
        }
        else if (!is("dtype") && !is("grad")) /* a word that this Adam lacks: nothing is answered */
            for (printf("skipped %s no %s\n", seq, word); !is("end");) next();
    }
}
