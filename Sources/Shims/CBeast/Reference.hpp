// Reference counting of the server: connections, the application and the drain each keep it alive.
#pragma once
#include "Loop.hpp"

namespace batuta {
void intrusive_ptr_add_ref(Server *server);
void intrusive_ptr_release(Server *server);
}
