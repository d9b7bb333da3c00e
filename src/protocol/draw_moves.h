// Internal: who moves a track from where to where, as far as a document says.
#ifndef STEPWELL_PROTOCOL_DRAW_MOVES_H_
#define STEPWELL_PROTOCOL_DRAW_MOVES_H_

#include <vector>

#include "json/json.h"
#include "protocol/draw_names.h"
#include "protocol/draw_picture.h"

namespace stepwell::protocol {

// The moves of `track`, a part of the document that `names` knows, by from and
// to; boxes are its phases in document order. A move starts where its event can
// happen (an item acts in its phase) and its guard allows (`tracks.pathway =
// 'dormant'`); where neither says anything it starts anywhere.
std::vector<PictureEdge> MovesOf(const Names& names, json::Value track);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_MOVES_H_
