/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests alone ask of a discovery. */
#pragma once

#include "net/lan/discovery.h"

/** The devices that are there. (transfer none) (element-type WherryService) */
GListModel *wherry_discovery_get_services (WherryDiscovery *self);
