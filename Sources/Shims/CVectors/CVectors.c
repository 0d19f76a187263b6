#include "CVectors.h"

// One program for every x86: the loader takes the widest instructions that the machine has.
#if defined(__x86_64__) && defined(__ELF__)
#define EVERY_MACHINE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define EVERY_MACHINE
#endif

EVERY_MACHINE
void batuta_dot_int8(const int8_t *one, const int8_t *others, size_t count, size_t width, int32_t *products) {
    for (size_t row = 0; row < count; row++) {
        const int8_t *other = others + row * width;
        int32_t sum = 0;
        for (size_t place = 0; place < width; place++) sum += (int32_t)one[place] * (int32_t)other[place];
        products[row] = sum;
    }
}

EVERY_MACHINE
float batuta_dot_float(const float *one, const float *other, size_t width) {
    // Eight sums, so that the compiler may add in any order without being told to be careless elsewhere.
    float sums[8] = {0};
    size_t place = 0;
    for (; place + 8 <= width; place += 8)
        for (size_t lane = 0; lane < 8; lane++) sums[lane] += one[place + lane] * other[place + lane];
    float sum = 0;
    for (size_t lane = 0; lane < 8; lane++) sum += sums[lane];
    for (; place < width; place++) sum += one[place] * other[place];
    return sum;
}
