/*
 * What kernels take, in the order of programs' words. Written by scripts/write-native-arguments.ts from
 * src/engine/simd/kernels/signatures.ts, which documents it.
 */
#pragma once

#include <stdint.h>

struct Add {
  uint32_t a;
  uint32_t b;
  uint32_t y;
  uint32_t n0;
  uint32_t n1;
  uint32_t n2;
  uint32_t n3;
  uint32_t a0;
  uint32_t a1;
  uint32_t a2;
  uint32_t a3;
  uint32_t b0;
  uint32_t b1;
  uint32_t b2;
  uint32_t b3;
};

struct ClearRowEnds {
  uint32_t planes;
  uint32_t target;
  uint32_t plane;
  uint32_t rows;
  uint32_t row;
  uint32_t columns;
};

struct ConvDense {
  uint32_t x;
  uint32_t y;
  uint32_t rows;
  uint32_t columns;
  uint32_t xRow;
  uint32_t yRow;
  uint32_t yPlane;
  uint32_t taps;
  uint32_t tapCount;
  uint32_t weights;
  uint32_t weightsStride;
  uint32_t blocks;
  uint32_t bias;
  uint32_t floor;
};

struct ConvSparse {
  uint32_t x;
  uint32_t y;
  uint32_t rows;
  uint32_t columns;
  uint32_t xRow;
  uint32_t yRow;
  uint32_t yPlane;
  uint32_t pairs;
  uint32_t pairsStride;
  uint32_t counts;
  uint32_t channels;
  uint32_t bias;
  uint32_t floor;
};

struct CopyStrided {
  uint32_t source;
  uint32_t target;
  uint32_t planes;
  uint32_t rows;
  uint32_t columns;
  uint32_t sourcePlane;
  uint32_t sourceRow;
  uint32_t sourceColumn;
  uint32_t targetPlane;
  uint32_t targetRow;
  uint32_t targetColumn;
};

struct Descend {
  uint32_t weights;
  uint32_t gradient;
  uint32_t average;
  uint32_t count;
  uint32_t step;
  uint32_t decay;
  uint32_t squares;
  uint32_t total;
};

struct GatherDense {
  uint32_t slices;
  uint32_t slice;
  uint32_t sliceCount;
  uint32_t mask;
  uint32_t gradient;
  uint32_t tapIndex;
  uint32_t tapCount;
  uint32_t paddedTaps;
  uint32_t channelStep;
  uint32_t firstBlock;
  uint32_t blocks;
};

struct GatherSparse {
  uint32_t slices;
  uint32_t slice;
  uint32_t sliceCount;
  uint32_t gradient;
  uint32_t pairsStride;
  uint32_t indices;
  uint32_t counts;
  uint32_t firstChannel;
  uint32_t channels;
};

struct ListSurvivors {
  uint32_t mask;
  uint32_t taps;
  uint32_t tapIndex;
  uint32_t tapCount;
  uint32_t channelStep;
  uint32_t pairs;
  uint32_t pairsStride;
  uint32_t indices;
  uint32_t counts;
  uint32_t firstChannel;
  uint32_t channels;
};

struct Lrn {
  uint32_t x;
  uint32_t y;
  uint32_t channels;
  uint32_t rows;
  uint32_t columns;
  uint32_t xPlane;
  uint32_t xRow;
  uint32_t yPlane;
  uint32_t yRow;
  uint32_t radius;
  uint32_t parameters;
  uint32_t scratch;
};

struct LrnGradient {
  uint32_t x;
  uint32_t dy;
  uint32_t dx;
  uint32_t channels;
  uint32_t plane;
  uint32_t radius;
  uint32_t parameters;
  uint32_t scratch;
};

struct MatMul {
  uint32_t a;
  uint32_t b;
  uint32_t y;
  uint32_t rows;
  uint32_t inner;
  uint32_t columns;
  uint32_t aRow;
  uint32_t aColumn;
  uint32_t bRow;
};

struct MaxPool {
  uint32_t x;
  uint32_t y;
  uint32_t argmax;
  uint32_t planes;
  uint32_t rows;
  uint32_t columns;
  uint32_t xPlane;
  uint32_t xRow;
  uint32_t outRows;
  uint32_t outColumns;
  uint32_t yPlane;
  uint32_t yRow;
  uint32_t size;
  uint32_t stride;
  uint32_t top;
  uint32_t left;
};

struct MaxPoolGradient {
  uint32_t dy;
  uint32_t argmax;
  uint32_t dx;
  uint32_t planes;
  uint32_t rows;
  uint32_t xPlane;
  uint32_t xRow;
  uint32_t outRows;
  uint32_t outColumns;
  uint32_t yPlane;
  uint32_t yRow;
  uint32_t stride;
  uint32_t top;
  uint32_t left;
};

struct MaxPoolValues {
  uint32_t x;
  uint32_t y;
  uint32_t planes;
  uint32_t rows;
  uint32_t columns;
  uint32_t xPlane;
  uint32_t xRow;
  uint32_t outRows;
  uint32_t outColumns;
  uint32_t yPlane;
  uint32_t yRow;
  uint32_t height;
  uint32_t width;
  uint32_t down;
  uint32_t right;
  uint32_t top;
  uint32_t left;
};

struct Multiply {
  uint32_t a;
  uint32_t b;
  uint32_t y;
  uint32_t n0;
  uint32_t n1;
  uint32_t n2;
  uint32_t n3;
  uint32_t a0;
  uint32_t a1;
  uint32_t a2;
  uint32_t a3;
  uint32_t b0;
  uint32_t b1;
  uint32_t b2;
  uint32_t b3;
};

struct NarrowSparse {
  uint32_t x;
  uint32_t y;
  uint32_t shift;
  uint32_t yPlane;
  uint32_t pairs;
  uint32_t pairsStride;
  uint32_t counts;
  uint32_t channels;
  uint32_t bias;
  uint32_t floor;
};

struct PackDense {
  uint32_t weights;
  uint32_t mask;
  uint32_t target;
  uint32_t tapIndex;
  uint32_t tapCount;
  uint32_t channelStep;
  uint32_t firstBlock;
  uint32_t blocks;
};

struct PackSparse {
  uint32_t weights;
  uint32_t pairs;
  uint32_t pairsStride;
  uint32_t indices;
  uint32_t counts;
  uint32_t firstChannel;
  uint32_t channels;
};

struct Relu {
  uint32_t x;
  uint32_t y;
  uint32_t count;
};

struct ReluGradient {
  uint32_t d;
  uint32_t y;
  uint32_t count;
};

struct Softmax {
  uint32_t values;
  uint32_t rows;
  uint32_t columns;
  uint32_t stride;
};

struct SoftmaxCrossEntropy {
  uint32_t logits;
  uint32_t labels;
  uint32_t images;
  uint32_t columns;
  uint32_t classes;
  uint32_t row;
  uint32_t gradient;
  uint32_t scale;
  uint32_t loss;
  uint32_t hits;
};

struct SumPlanes {
  uint32_t source;
  uint32_t sums;
  uint32_t planes;
  uint32_t rows;
  uint32_t columns;
  uint32_t plane;
  uint32_t row;
  uint32_t accumulate;
};

struct SumSlices {
  uint32_t slices;
  uint32_t slice;
  uint32_t sliceCount;
  uint32_t target;
  uint32_t count;
};

struct Transpose {
  uint32_t source;
  uint32_t target;
  uint32_t rows;
  uint32_t columns;
  uint32_t sourceRow;
  uint32_t targetRow;
};

struct WeightGradientDense {
  uint32_t x;
  uint32_t dy;
  uint32_t images;
  uint32_t xImage;
  uint32_t dyImage;
  uint32_t rows;
  uint32_t columns;
  uint32_t xRow;
  uint32_t dyRow;
  uint32_t dyPlane;
  uint32_t taps;
  uint32_t tapCount;
  uint32_t blocks;
  uint32_t gradient;
  uint32_t gradientStride;
  uint32_t accumulate;
};

struct WeightGradientSparse {
  uint32_t x;
  uint32_t dy;
  uint32_t images;
  uint32_t xImage;
  uint32_t dyImage;
  uint32_t rows;
  uint32_t columns;
  uint32_t xRow;
  uint32_t dyRow;
  uint32_t dyPlane;
  uint32_t pairs;
  uint32_t pairsStride;
  uint32_t counts;
  uint32_t channels;
  uint32_t partials;
  uint32_t gradient;
  uint32_t accumulate;
};

/** All kernels, in the order of their numbers in programs, with the names of their arguments. */
#define EACH_KERNEL(ENTRY) \
  ENTRY(add, Add, "add a b y n0 n1 n2 n3 a0 a1 a2 a3 b0 b1 b2 b3") \
  ENTRY(clearRowEnds, ClearRowEnds, "clearRowEnds planes target plane rows row columns") \
  ENTRY(convDense, ConvDense, "convDense x y rows columns xRow yRow yPlane taps tapCount weights weightsStride blocks bias floor") \
  ENTRY(convSparse, ConvSparse, "convSparse x y rows columns xRow yRow yPlane pairs pairsStride counts channels bias floor") \
  ENTRY(copyStrided, CopyStrided, "copyStrided source target planes rows columns sourcePlane sourceRow sourceColumn targetPlane targetRow targetColumn") \
  ENTRY(descend, Descend, "descend weights gradient average count step decay squares total") \
  ENTRY(gatherDense, GatherDense, "gatherDense slices slice sliceCount mask gradient tapIndex tapCount paddedTaps channelStep firstBlock blocks") \
  ENTRY(gatherSparse, GatherSparse, "gatherSparse slices slice sliceCount gradient pairsStride indices counts firstChannel channels") \
  ENTRY(listSurvivors, ListSurvivors, "listSurvivors mask taps tapIndex tapCount channelStep pairs pairsStride indices counts firstChannel channels") \
  ENTRY(lrn, Lrn, "lrn x y channels rows columns xPlane xRow yPlane yRow radius parameters scratch") \
  ENTRY(lrnGradient, LrnGradient, "lrnGradient x dy dx channels plane radius parameters scratch") \
  ENTRY(matMul, MatMul, "matMul a b y rows inner columns aRow aColumn bRow") \
  ENTRY(maxPool, MaxPool, "maxPool x y argmax planes rows columns xPlane xRow outRows outColumns yPlane yRow size stride top left") \
  ENTRY(maxPoolGradient, MaxPoolGradient, "maxPoolGradient dy argmax dx planes rows xPlane xRow outRows outColumns yPlane yRow stride top left") \
  ENTRY(maxPoolValues, MaxPoolValues, "maxPoolValues x y planes rows columns xPlane xRow outRows outColumns yPlane yRow height width down right top left") \
  ENTRY(multiply, Multiply, "multiply a b y n0 n1 n2 n3 a0 a1 a2 a3 b0 b1 b2 b3") \
  ENTRY(narrowSparse, NarrowSparse, "narrowSparse x y shift yPlane pairs pairsStride counts channels bias floor") \
  ENTRY(packDense, PackDense, "packDense weights mask target tapIndex tapCount channelStep firstBlock blocks") \
  ENTRY(packSparse, PackSparse, "packSparse weights pairs pairsStride indices counts firstChannel channels") \
  ENTRY(relu, Relu, "relu x y count") \
  ENTRY(reluGradient, ReluGradient, "reluGradient d y count") \
  ENTRY(softmax, Softmax, "softmax values rows columns stride") \
  ENTRY(softmaxCrossEntropy, SoftmaxCrossEntropy, "softmaxCrossEntropy logits labels images columns classes row gradient scale loss hits") \
  ENTRY(sumPlanes, SumPlanes, "sumPlanes source sums planes rows columns plane row accumulate") \
  ENTRY(sumSlices, SumSlices, "sumSlices slices slice sliceCount target count") \
  ENTRY(transpose, Transpose, "transpose source target rows columns sourceRow targetRow") \
  ENTRY(weightGradientDense, WeightGradientDense, "weightGradientDense x dy images xImage dyImage rows columns xRow dyRow dyPlane taps tapCount blocks gradient gradientStride accumulate") \
  ENTRY(weightGradientSparse, WeightGradientSparse, "weightGradientSparse x dy images xImage dyImage rows columns xRow dyRow dyPlane pairs pairsStride counts channels partials gradient accumulate")
