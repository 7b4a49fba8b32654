/* SPDX-License-Identifier: GPL-3.0-or-later */
/* States and reasons are enumerations that bindings and D-Bus know, by the words of --json. */
#include "net/core/pairing_message.h"
#include "net/node.h"

typedef struct
{
  const char *property;
  const char *words; /* in the order of the values, which begin with 0 */
} Expected;

static void
assert_enums (GType type, const Expected *expected, size_t n)
{
  GObjectClass *klass = g_type_class_get (type);
  for (size_t i = 0; i < n; i++)
    {
      GParamSpec *property = g_object_class_find_property (klass, expected[i].property);
      g_assert_true (G_IS_PARAM_SPEC_ENUM (property));
      g_auto (GStrv) words = g_strsplit (expected[i].words, " ", -1);
      g_assert_cmpuint (G_PARAM_SPEC_ENUM (property)->enum_class->n_values, ==,
                        g_strv_length (words));
      for (int value = 0; words[value]; value++)
        g_assert_cmpstr (enum_nick (property->value_type, value), ==, words[value]);
    }
}

static void
test_device (void)
{
  assert_enums (WHERRY_TYPE_DEVICE,
                (Expected[]) {
                    { "device-type", "desktop laptop phone tablet server" },
                    { "state", "discovered pairing paired connected disconnected" },
                },
                2);
  for (int i = 0; i < DEVICE_TYPES; i++)
    g_assert_cmpstr (enum_nick (WHERRY_TYPE_DEVICE_TYPE, i), ==, device_type_name (i));
  for (int i = 0; i < DEVICE_STATE_COUNT; i++)
    g_assert_cmpstr (enum_nick (WHERRY_TYPE_DEVICE_STATE, i), ==, device_state_name (i));
}

static void
test_transfer (void)
{
  assert_enums (WHERRY_TYPE_TRANSFER,
                (Expected[]) {
                    { "direction", "sending receiving" },
                    { "state", "preparing offered active done failed declined cancelled expired "
                               "interrupted" },
                    { "phase", "waiting sending verifying silent" },
                    { "reason", "done offline not-paired declined busy expired cancelled "
                                "cancelled-there no-space local-file remote-file checksum protocol "
                                "connection" },
                },
                4);
}

static void
test_pairing (void)
{
  assert_enums (WHERRY_TYPE_PAIRING_SESSION,
                (Expected[]) {
                    { "phase", "waiting connecting exchanging confirming done failed" },
                    { "reason", "none wrong-code expired cancelled declined too-many-attempts "
                                "unreachable version self busy protocol storage no-code "
                                "declined-here" },
                },
                2);
  for (int i = 0; i < PAIRING_REASONS; i++)
    g_assert_cmpstr (enum_nick (WHERRY_TYPE_PAIRING_REASON, i), ==, pairing_reason_name (i));
}

static void
test_node (void)
{
  assert_enums (WHERRY_TYPE_NODE,
                &(Expected) { "discovery-state", "off starting running no-daemon failed" }, 1);
  g_assert_cmpstr (enum_nick (WHERRY_TYPE_POLICY_RULE, POLICY_ASK), ==, "ask");
  g_assert_cmpstr (enum_nick (WHERRY_TYPE_POLICY_RULE, POLICY_ACCEPT), ==, "accept");
  g_assert_cmpstr (enum_nick (WHERRY_TYPE_POLICY_RULE, POLICY_DECLINE), ==, "decline");
}

static void
test_finding (void)
{
  static const char *const kinds[] = { "interface", "mtu",       "networks",  "vpn",    "port",
                                       "firewall",  "discovery", "isolation", "device", "address" };
  static const char *const severities[] = { "ok", "warning", "problem" };
  for (int i = 0; i < (int) G_N_ELEMENTS (kinds); i++)
    g_assert_cmpstr (enum_nick (WHERRY_TYPE_FINDING_KIND, i), ==, kinds[i]);
  for (int i = 0; i < (int) G_N_ELEMENTS (severities); i++)
    g_assert_cmpstr (enum_nick (WHERRY_TYPE_FINDING_SEVERITY, i), ==, severities[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node/enums/device", test_device);
  g_test_add_func ("/node/enums/transfer", test_transfer);
  g_test_add_func ("/node/enums/pairing", test_pairing);
  g_test_add_func ("/node/enums/node", test_node);
  g_test_add_func ("/node/enums/finding", test_finding);
  return g_test_run ();
}
