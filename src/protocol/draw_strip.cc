#include "protocol/draw_strip.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_join.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {
namespace {

constexpr size_t kAnywhere = PictureEdge::kAnywhere;
constexpr int kChannel = 17;       // between two channels
constexpr int kFirstChannel = 12;  // from the boxes to the nearest one
constexpr int kGapMin = 40, kGapMax = 150, kGapStacked = 64;
constexpr int kBetween = 14;  // boxes of one column
constexpr int kLabelLines = 6;
// More channels would be no picture any more: the rest shares the last one.
constexpr size_t kChannelsMax = 60;

enum class Way : uint8_t { kStraight, kAbove, kBelow };

// Intervals in channels: the nearest one that is free takes the next.
class Channels {
 public:
  size_t Take(int from, int to) {
    for (size_t i = 0; i < taken_.size(); ++i) {
      if (IsFree(taken_[i], from, to)) return Put(i, from, to);
    }
    if (taken_.size() < kChannelsMax) taken_.emplace_back();
    return Put(taken_.size() - 1, from, to);
  }
  int height() const {
    return taken_.empty()
               ? 0
               : kFirstChannel + kChannel * static_cast<int>(taken_.size());
  }

 private:
  using Ends = std::map<int, int>;  // by the left end
  static bool IsFree(const Ends& ends, int from, int to) {
    const auto after = ends.upper_bound(to);
    return after == ends.begin() || std::prev(after)->second < from;
  }
  size_t Put(size_t channel, int from, int to) {
    int& end = taken_[channel].emplace(from, to).first->second;
    end = std::max(end, to);
    return channel;
  }
  std::vector<Ends> taken_;
};

class Planner {
 public:
  Planner(std::vector<StripBox> boxes, const std::vector<PictureEdge>& edges,
          int x, int y)
      : edges_(edges), x_(x), y_(y) {
    strip_.boxes = std::move(boxes);
    strip_.arrows.resize(edges.size());
    ways_.resize(edges.size(), Way::kStraight);
    for (size_t i = 0; i < edges.size(); ++i) ways_[i] = WayOf(edges[i]);
  }

  Strip Run() {
    PlaceColumns();
    PlacePorts();
    TakeChannels();
    const int top = y_ + above_.height();
    for (StripBox& box : strip_.boxes) box.y += top;
    const int bottom = top + tallest_;
    for (size_t i = 0; i < edges_.size(); ++i) {
      if (ways_[i] == Way::kStraight) {
        DrawStraight(i);
      } else {
        DrawAround(i, top, bottom);
      }
    }
    strip_.height = above_.height() + tallest_ + below_.height();
    return std::move(strip_);
  }

 private:
  size_t ColumnOf(size_t box) const { return strip_.boxes[box].column; }

  Way WayOf(const PictureEdge& edge) const {
    if (edge.from == kAnywhere) return Way::kBelow;
    if (ColumnOf(edge.to) == ColumnOf(edge.from) + 1) return Way::kStraight;
    return ColumnOf(edge.to) > ColumnOf(edge.from) ? Way::kAbove : Way::kBelow;
  }

  void PlaceColumns() {
    size_t columns = 0;
    for (const StripBox& box : strip_.boxes) {
      columns = std::max(columns, box.column + 1);
    }
    std::vector<int> widths(columns), gaps(columns, kGapMin), heights(columns),
        rows(columns);
    for (StripBox& box : strip_.boxes) {
      box.row = rows[box.column]++;
      stacked_ = stacked_ || box.row > 0;
      widths[box.column] = std::max(widths[box.column], box.width);
    }
    if (stacked_) std::fill(gaps.begin(), gaps.end(), kGapStacked);
    for (size_t i = 0; i < edges_.size(); ++i) {
      if (ways_[i] != Way::kStraight) continue;
      int& gap = gaps[ColumnOf(edges_[i].from)];
      for (const std::string& label : edges_[i].labels) {
        gap = std::max(gap, TextWidth(label, kStripFont) + 26);
      }
      gap = std::min(gap, kGapMax);
    }
    std::vector<int> lefts(columns);
    int left = x_;
    for (size_t c = 0; c < columns; ++c) {
      lefts[c] = left;
      left += widths[c] + (c + 1 < columns ? gaps[c] : 0);
    }
    strip_.width = left - x_;
    for (StripBox& box : strip_.boxes) {
      box.x = lefts[box.column];
      box.y = heights[box.column];
      heights[box.column] += box.height + kBetween;
      tallest_ = std::max(tallest_, box.y + box.height);
    }
  }

  // Arrows that go around leave and reach a box at different places of its
  // upper or lower side, in the order of where they come from.
  void PlacePorts() {
    using Key = std::tuple<size_t, bool, int, size_t, bool>;
    std::vector<Key> ends;  // box, below, x of the other end, edge, is target
    ports_.resize(edges_.size(), {x_, x_});
    for (size_t i = 0; i < edges_.size(); ++i) {
      if (ways_[i] == Way::kStraight) continue;
      if (LeavesSideways(i)) {
        PlaceSidePorts(i);
        continue;
      }
      const bool below = ways_[i] == Way::kBelow;
      const bool anywhere = edges_[i].from == kAnywhere;
      const int from = anywhere ? x_ : strip_.boxes[edges_[i].from].x;
      ends.emplace_back(edges_[i].to, below, from, i, true);
      if (anywhere) continue;
      ends.emplace_back(edges_[i].from, below, strip_.boxes[edges_[i].to].x, i,
                        false);
    }
    std::sort(ends.begin(), ends.end());
    for (size_t begin = 0; begin < ends.size();) {
      size_t end = begin;
      const auto same = [&](size_t k) {
        return std::get<0>(ends[k]) == std::get<0>(ends[begin]) &&
               std::get<1>(ends[k]) == std::get<1>(ends[begin]);
      };
      while (end < ends.size() && same(end)) ++end;
      const StripBox& box = strip_.boxes[std::get<0>(ends[begin])];
      const auto count = static_cast<int64_t>(end - begin);
      for (size_t k = begin; k < end; ++k) {
        const auto place = static_cast<int64_t>(k - begin) + 1;
        const int x = box.x + static_cast<int>(box.width * place / (count + 1));
        auto& [from, to] = ports_[std::get<3>(ends[k])];
        (std::get<4>(ends[k]) ? to : from) = x;
      }
      begin = end;
    }
  }

  // Where boxes stand above each other they are left and reached from the
  // side, or the arrow would run through them.
  bool LeavesSideways(size_t i) const {
    return stacked_ && ways_[i] == Way::kAbove;
  }

  void PlaceSidePorts(size_t i) {
    const StripBox& from = strip_.boxes[edges_[i].from];
    const int odd = static_cast<int>(i % 2);
    ports_[i] = {from.x + from.width + 42 + 4 * odd,
                 strip_.boxes[edges_[i].to].x - 6 - 6 * odd};
  }

  // Short ones lie next to the boxes; those from anywhere outside.
  void TakeChannels() {
    std::vector<std::tuple<bool, int, size_t>> order;
    for (size_t i = 0; i < edges_.size(); ++i) {
      if (ways_[i] == Way::kStraight) continue;
      order.emplace_back(edges_[i].from == kAnywhere,
                         std::abs(ports_[i].first - ports_[i].second), i);
    }
    std::sort(order.begin(), order.end());
    channel_.resize(edges_.size());
    for (const auto& [anywhere, length, i] : order) {
      Channels& channels = ways_[i] == Way::kAbove ? above_ : below_;
      const auto [from, to] = ports_[i];
      channel_[i] = static_cast<int>(
          channels.Take(std::min(from, to), std::max(from, to)));
    }
  }

  void DrawStraight(size_t i) {
    const StripBox& from = strip_.boxes[edges_[i].from];
    const StripBox& to = strip_.boxes[edges_[i].to];
    const auto port = [](const StripBox& box) {
      return box.y + std::min(box.height / 2, kStripPort);
    };
    const Point begin{from.x + from.width, port(from)}, end{to.x, port(to)};
    StripArrow& arrow = strip_.arrows[i];
    if (begin.y == end.y) {
      arrow.points = {begin, end};
    } else {
      // Arrows from boxes above each other turn at places of their own.
      const int middle = begin.x + 12 + 8 * (from.row % 4);
      arrow.points = {begin, {middle, begin.y}, {middle, end.y}, end};
    }
    arrow.label = {begin.x + 6, begin.y + kStripFont + 4};
    CutLabels(i, end.x - begin.x - 12);
  }

  void CutLabels(size_t i, int width) {
    const std::vector<std::string>& labels = edges_[i].labels;
    std::vector<std::string>& lines = strip_.arrows[i].labels;
    for (const std::string& label : labels) {
      if (lines.size() == kLabelLines - 1 && labels.size() > kLabelLines) {
        lines.push_back("+" + std::to_string(labels.size() - lines.size()));
        return;
      }
      const auto cut = WrapText(ShownText(label), width, kStripFont, 1);
      lines.insert(lines.end(), cut.begin(), cut.end());
    }
  }

  void DrawAround(size_t i, int top, int bottom) {
    const bool above = ways_[i] == Way::kAbove;
    const int away = kFirstChannel + kChannel * channel_[i];
    const int y = above ? top - away : bottom + away;
    const auto [from, to] = ports_[i];
    const auto side = [&](size_t box) {
      const StripBox& of = strip_.boxes[box];
      return above ? of.y : of.y + of.height;
    };
    StripArrow& arrow = strip_.arrows[i];
    arrow.anywhere = edges_[i].from == kAnywhere;
    if (LeavesSideways(i)) {
      const StripBox &a = strip_.boxes[edges_[i].from],
                     &b = strip_.boxes[edges_[i].to];
      const int begin = a.y + kStripPort + 4, end = b.y + kStripPort - 4;
      arrow.points = {{a.x + a.width, begin},
                      {from, begin},
                      {from, y},
                      {to, y},
                      {to, end},
                      {b.x, end}};
    } else {
      if (!arrow.anywhere) arrow.points.push_back({from, side(edges_[i].from)});
      arrow.points.insert(arrow.points.end(), {{from, y}, {to, y}});
      arrow.points.push_back({to, side(edges_[i].to)});
    }
    arrow.label = {std::min(from, to) + 6, y - 3};
    arrow.labels = WrapText(ShownText(absl::StrJoin(edges_[i].labels, ", ")),
                            std::abs(to - from) - 12, kStripFont, 1);
  }

  const std::vector<PictureEdge>& edges_;
  int x_, y_;
  Strip strip_;
  std::vector<Way> ways_;
  std::vector<std::pair<int, int>> ports_;  // x of both ends, by edge
  std::vector<int> channel_;                // by edge
  bool stacked_ = false;                    // a column has several boxes
  Channels above_, below_;
  int tallest_ = 0;
};

}  // namespace

Strip LayOutStrip(std::vector<StripBox> boxes,
                  const std::vector<PictureEdge>& edges, int x, int y) {
  return Planner(std::move(boxes), edges, x, y).Run();
}

std::vector<size_t> ColumnsOf(size_t boxes,
                              const std::vector<PictureEdge>& edges) {
  std::vector<size_t> columns(boxes), waits(boxes);
  std::vector<std::vector<size_t>> next(boxes);
  for (const PictureEdge& edge : edges) {
    next[edge.from].push_back(edge.to);
    ++waits[edge.to];
  }
  std::vector<size_t> ready;
  for (size_t i = 0; i < boxes; ++i) {
    if (waits[i] == 0) ready.push_back(i);
  }
  for (size_t done = 0; done < ready.size(); ++done) {
    for (const size_t to : next[ready[done]]) {
      columns[to] = std::max(columns[to], columns[ready[done]] + 1);
      if (--waits[to] == 0) ready.push_back(to);
    }
  }
  return columns;
}

}  // namespace stepwell::protocol
