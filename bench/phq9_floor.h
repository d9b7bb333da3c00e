// What scoring PHQ-9 costs at least: nine bytes summed, checked and binned,
// with the same flags.
#ifndef STEPWELL_BENCH_PHQ9_FLOOR_H_
#define STEPWELL_BENCH_PHQ9_FLOOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stepwell::bench {

using Row = std::array<uint8_t, 9>;

// All kinds of answers, so that the branch predictor learns none of them.
inline std::vector<Row> Rows() {
  std::vector<Row> rows(4096);
  uint64_t state = 42;
  for (Row& row : rows) {
    for (uint8_t& value : row) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      value = static_cast<uint8_t>(state >> 62);
    }
  }
  return rows;
}

struct Bare {
  int score = 0, band = 0;
  bool valid = true, risk = false, caseness = false, mds = false, ods = false;
};

inline Bare BareScore(const Row& row) {
  Bare out;
  int symptoms = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    out.valid = out.valid && row[i] <= 3;
    out.score += row[i];
    symptoms += row[i] >= 2 || (i == 8 && row[i] >= 1);
  }
  out.band = (out.score >= 5) + (out.score >= 10) + (out.score >= 15) +
             (out.score >= 20);
  out.risk = row[8] >= 1;
  out.caseness = out.score >= 10;
  const bool core = row[0] >= 2 || row[1] >= 2;
  out.mds = core && symptoms >= 5;
  out.ods = core && symptoms >= 2 && symptoms <= 4;
  return out;
}

}  // namespace stepwell::bench

#endif  // STEPWELL_BENCH_PHQ9_FLOOR_H_
