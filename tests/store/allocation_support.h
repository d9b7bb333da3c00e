// An operator new that can be told to fail, for the whole test program.
#ifndef STEPWELL_TESTS_STORE_ALLOCATION_SUPPORT_H_
#define STEPWELL_TESTS_STORE_ALLOCATION_SUPPORT_H_

namespace stepwell::store {

// The nth allocation of this thread from now (the first is 1) throws.
void FailAllocation(int n);
// Ends that; true when the allocation was met.
bool AllocationFailed();

}  // namespace stepwell::store

#endif  // STEPWELL_TESTS_STORE_ALLOCATION_SUPPORT_H_
