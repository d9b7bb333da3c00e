// The layout of drawings: boxes do not overlap, arrows run straight and reach
// what they name.
#include "protocol/draw_strip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/chance.h"

namespace stepwell::protocol {
namespace {

using ::testing::ElementsAre;

StripBox Sized(int width, int height, size_t column) {
  StripBox box;
  box.width = width;
  box.height = height;
  box.column = column;
  return box;
}

bool Overlap(const StripBox& a, const StripBox& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
         b.y < a.y + a.height;
}

bool Touches(const StripBox& box, Point point) {
  return point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y &&
         point.y <= box.y + box.height;
}

void Check(const Strip& strip, const std::vector<PictureEdge>& edges) {
  for (size_t a = 0; a < strip.boxes.size(); ++a) {
    EXPECT_LE(strip.boxes[a].y + strip.boxes[a].height, strip.height + 10);
    EXPECT_LE(strip.boxes[a].x + strip.boxes[a].width, strip.width + 20);
    for (size_t b = 0; b < a; ++b) {
      EXPECT_FALSE(Overlap(strip.boxes[a], strip.boxes[b])) << a << " " << b;
    }
  }
  // Horizontal pieces outside the boxes, by height: none lies on another.
  std::map<int, std::vector<std::pair<int, int>>> pieces;
  for (size_t i = 0; i < edges.size(); ++i) {
    const std::vector<Point>& points = strip.arrows[i].points;
    ASSERT_GE(points.size(), 2u);
    EXPECT_TRUE(Touches(strip.boxes[edges[i].to], points.back())) << i;
    if (edges[i].from != PictureEdge::kAnywhere) {
      EXPECT_TRUE(Touches(strip.boxes[edges[i].from], points.front())) << i;
    }
    for (size_t p = 1; p < points.size(); ++p) {
      EXPECT_TRUE(points[p].x == points[p - 1].x ||
                  points[p].y == points[p - 1].y);
    }
    if (edges[i].from != PictureEdge::kAnywhere &&
        strip.boxes[edges[i].to].column ==
            strip.boxes[edges[i].from].column + 1) {
      continue;
    }
    // The piece in the channel: the highest or, below, the lowest.
    const bool sideways = points.size() == 6;
    const size_t p = sideways ? 3 : points.size() - 2;
    pieces[points[p].y].push_back(std::minmax(points[p - 1].x, points[p].x));
  }
  for (auto& [y, list] : pieces) {
    std::sort(list.begin(), list.end());
    for (size_t i = 1; i < list.size(); ++i) {
      EXPECT_GT(list[i].first, list[i - 1].second) << "at height " << y;
    }
  }
}

TEST(StripTest, NeighboursAreJoinedStraight) {
  const std::vector<PictureEdge> edges = {{0, 1, {"on"}}};
  const Strip strip =
      LayOutStrip({Sized(100, 50, 0), Sized(100, 80, 1)}, edges, 10, 10);
  Check(strip, edges);
  EXPECT_EQ(strip.arrows[0].points.size(), 2u);
  EXPECT_EQ(strip.arrows[0].points[0].y, strip.arrows[0].points[1].y);
  EXPECT_THAT(strip.arrows[0].labels, ElementsAre("on"));
}

TEST(StripTest, RandomChartsStayReadable) {
  testing::Chance chance(7);
  for (int round = 0; round < 300; ++round) {
    const auto below = [&](size_t n) {
      return static_cast<size_t>(chance.Below(static_cast<int>(n)));
    };
    const size_t count = 1 + below(9);
    std::vector<StripBox> boxes(count);
    for (size_t i = 0; i < count; ++i) {
      boxes[i].width = 100;
      boxes[i].height = 30 + chance.Below(200);
      boxes[i].column = i == 0 ? 0 : boxes[i - 1].column + below(2);
    }
    std::set<std::pair<size_t, size_t>> ends;
    for (size_t n = below(14); n > 0; --n) {
      const size_t from = below(count + 1), to = below(count);
      if (from == to) continue;
      ends.emplace(from == count ? PictureEdge::kAnywhere : from, to);
    }
    std::vector<PictureEdge> edges;
    for (const auto& [from, to] : ends) edges.push_back({from, to, {"rule"}});
    Check(LayOutStrip(boxes, edges, 10, 10), edges);
  }
}

bool RunsThrough(const StripBox& box, Point a, Point b) {
  return std::min(a.x, b.x) < box.x + box.width && box.x < std::max(a.x, b.x) &&
                 a.y == b.y && a.y > box.y && a.y < box.y + box.height
             ? true
             : a.x == b.x && a.x > box.x && a.x < box.x + box.width &&
                   std::min(a.y, b.y) < box.y + box.height &&
                   box.y < std::max(a.y, b.y);
}

// Of a graph of modules: no arrow hides behind a box, and those of different
// modules do not run in one line where one could be taken for the other.
TEST(StripTest, ArrowsOfModulesCanBeFollowed) {
  testing::Chance chance(11);
  for (int round = 0; round < 300; ++round) {
    const size_t count = 2 + static_cast<size_t>(chance.Below(9));
    std::set<std::pair<size_t, size_t>> ends;
    for (size_t to = 1; to < count; ++to) {
      for (int n = chance.Below(3); n > 0; --n) {
        ends.emplace(static_cast<size_t>(chance.Below(static_cast<int>(to))),
                     to);
      }
    }
    std::vector<PictureEdge> edges;
    for (const auto& [from, to] : ends) edges.push_back({from, to, {}});
    const std::vector<size_t> columns = ColumnsOf(count, edges);
    std::vector<StripBox> boxes;
    for (size_t i = 0; i < count; ++i)
      boxes.push_back(Sized(132, 40, columns[i]));
    const Strip strip = LayOutStrip(boxes, edges, 10, 10);
    Check(strip, edges);
    for (const StripArrow& arrow : strip.arrows) {
      for (size_t p = 1; p < arrow.points.size(); ++p) {
        for (const StripBox& box : strip.boxes) {
          EXPECT_FALSE(RunsThrough(box, arrow.points[p - 1], arrow.points[p]));
        }
      }
    }
    for (size_t a = 0; a < edges.size(); ++a) {
      for (size_t b = 0; b < a; ++b) {
        const auto &one = strip.arrows[a].points, &two = strip.arrows[b].points;
        if (edges[a].from == edges[b].from || one.size() != 4 ||
            two.size() != 4 || strip.boxes[edges[a].from].row > 3 ||
            strip.boxes[edges[b].from].row > 3) {
          continue;
        }
        EXPECT_NE(one[1].x, two[1].x) << a << " " << b;
      }
    }
  }
}

TEST(StripTest, ModulesStandBehindAllThatTheyNeed) {
  const std::vector<PictureEdge> edges = {
      {0, 1, {}}, {1, 2, {}}, {0, 3, {}}, {2, 4, {}}, {3, 4, {}}};
  EXPECT_THAT(ColumnsOf(6, edges), ElementsAre(0, 1, 2, 1, 3, 0));
}

// Nobody could read it, and it is drawn all the same, in time.
TEST(StripTest, ManyArrowsTakeAFewChannels) {
  std::vector<StripBox> boxes(400);
  std::vector<PictureEdge> edges;
  for (size_t i = 0; i < boxes.size(); ++i) {
    boxes[i].width = boxes[i].height = 50;
    boxes[i].column = i;
    for (size_t k = 0; k < boxes.size(); k += 4) {
      if (k != i) edges.push_back({i, k, {}});
    }
  }
  const Strip strip = LayOutStrip(boxes, edges, 0, 0);
  EXPECT_LT(strip.height, 5000);
  EXPECT_EQ(strip.arrows.size(), edges.size());
}

}  // namespace
}  // namespace stepwell::protocol
