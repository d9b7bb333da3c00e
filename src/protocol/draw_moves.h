// Internal: who moves a track from where to where.
#ifndef STEPWELL_PROTOCOL_DRAW_MOVES_H_
#define STEPWELL_PROTOCOL_DRAW_MOVES_H_

#include <vector>

#include "protocol/draw_picture.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

// The moves of `track`, by from and to; its boxes are its phases in order. A
// move starts where its event can happen and its guard allows (reach.h); where
// that is everywhere it starts anywhere.
std::vector<PictureEdge> MovesOf(const Protocol& protocol, const Track& track);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_MOVES_H_
