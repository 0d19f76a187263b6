#pragma once
#include <stddef.h>
#include <stdint.h>

/// The dot products of one vector with `count` others, which lie one after the other, each `width` numbers wide.
void batuta_dot_int8(const int8_t *one, const int8_t *others, size_t count, size_t width, int32_t *products);

/// The dot product of two vectors.
float batuta_dot_float(const float *one, const float *other, size_t width);
