// Tables of a service with treated cases, read cell by cell.
#ifndef STEPWELL_TESTS_HOST_TABLE_SUPPORT_H_
#define STEPWELL_TESTS_HOST_TABLE_SUPPORT_H_

#include <string>
#include <vector>

#include "host/treated_support.h"
#include "stepwell/table.h"

namespace stepwell::host {

class TableTest : public TreatedService {
 protected:
  Table Read(const std::string& name, const std::string& query = "");
};

// Rows by the cells of these columns, each as one text; "null" where there is
// nothing.
std::vector<std::string> Select(const Table& table,
                                const std::vector<std::string>& names);

}  // namespace stepwell::host

#endif  // STEPWELL_TESTS_HOST_TABLE_SUPPORT_H_
