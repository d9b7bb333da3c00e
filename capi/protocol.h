// Internal to capi: the handle that protocols and the kernel share.
#ifndef STEPWELL_CAPI_PROTOCOL_H_
#define STEPWELL_CAPI_PROTOCOL_H_

#include <memory>

#include "handle.h"
#include "stepwell/protocol.h"

STEPWELL_CAPI_HANDLE(stepwell_protocol, kProtocol,
                     std::shared_ptr<const stepwell::Protocol>);

#endif  // STEPWELL_CAPI_PROTOCOL_H_
