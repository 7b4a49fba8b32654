/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done with the offers of a paired device: the rule of that device, or the one for all that
 * have none. Kept in memory for the life of the process. Main thread only. */
#pragma once

#include <gio/gio.h>

#include "net/core/identity.h"

G_BEGIN_DECLS

typedef enum
{
  POLICY_ASK,     /* an offer waits for a person */
  POLICY_ACCEPT,  /* it is accepted */
  POLICY_DECLINE, /* it is declined */
} PolicyRule;

#define WHERRY_TYPE_POLICY_RULE (wherry_policy_rule_get_type ())
GType wherry_policy_rule_get_type (void);

typedef struct
{
  PolicyRule rule;
  GFile *folder; /* (owned) (nullable) ACCEPT: where it goes; NULL for the receive folder */
} Policy;

typedef struct PolicyTable PolicyTable;

/** @rule is that of every device that has none of its own. */
PolicyTable *policy_table_new (PolicyRule rule) G_GNUC_WARN_UNUSED_RESULT;
void policy_table_free (PolicyTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PolicyTable, policy_table_free)

/** @device NULL: for all that have none of their own. @policy is copied. */
void policy_table_set (PolicyTable *table, const NodeId *device, const Policy *policy);
/** @device has the policy of all again; so must one that was forgotten, before it is paired
 * anew. */
void policy_table_reset (PolicyTable *table, const NodeId *device);
/** @device NULL: that of all. Valid until the next change. (transfer none) */
const Policy *policy_table_get (PolicyTable *table, const NodeId *device);

G_END_DECLS
