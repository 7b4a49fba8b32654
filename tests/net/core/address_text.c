/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/address_text.h"

#define ANY (ADDRESS_TEXT_SCOPED | ADDRESS_TEXT_NAMES)

static const struct
{
  const char *text;
  unsigned allowed;
  uint16_t default_port;
  const char *host; /* NULL: refused */
  uint16_t port;
} cases[] = {
  { "192.0.2.7:11204", 0, 0, "192.0.2.7", 11204 },
  { "[2001:db8::7]:1", 0, 0, "2001:db8::7", 1 },
  { "[::1]:65535", 0, 0, "::1", 65535 },
  { "[fe80::1%eth0]:7", ADDRESS_TEXT_SCOPED, 0, "fe80::1%eth0", 7 },
  { "169.254.1.2:7", ADDRESS_TEXT_SCOPED, 0, "169.254.1.2", 7 },
  { "192.0.2.7", 0, 11204, "192.0.2.7", 11204 },
  { "[2001:db8::7]", 0, 11204, "2001:db8::7", 11204 },
  { "2001:db8::7", 0, 11204, "2001:db8::7", 11204 },
  { "fe80::1%3", ANY, 11204, "fe80::1%3", 11204 },
  { "ada.local", ANY, 11204, "ada.local", 11204 },
  { "ada:5", ANY, 11204, "ada", 5 },
  { "bücher.example:5", ANY, 0, "bücher.example", 5 },
  /* no port, or none that is one */
  { "192.0.2.7", 0, 0, NULL, 0 },
  { "2001:db8::7", 0, 0, NULL, 0 },
  { "192.0.2.7:", ANY, 5, NULL, 0 },
  { "192.0.2.7:0", ANY, 5, NULL, 0 },
  { "192.0.2.7:65536", ANY, 5, NULL, 0 },
  { "192.0.2.7:007", ANY, 5, NULL, 0 },
  { "192.0.2.7:+7", ANY, 5, NULL, 0 },
  { "192.0.2.7: 7", ANY, 5, NULL, 0 },
  { "192.0.2.7:7 ", ANY, 5, NULL, 0 },
  { "192.0.2.7:99999999999", ANY, 5, NULL, 0 },
  /* brackets are for IPv6 alone */
  { "[192.0.2.7]:7", ANY, 5, NULL, 0 },
  { "[ada]:7", ANY, 5, NULL, 0 },
  { "[2001:db8::7:7", ANY, 5, NULL, 0 },
  { "[2001:db8::7]7", ANY, 5, NULL, 0 },
  { "[]:7", ANY, 5, NULL, 0 },
  /* scopes */
  { "[fe80::1%eth0]:7", 0, 0, NULL, 0 },
  { "[fe80::1]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "[fe80::1%]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "[2001:db8::7%eth0]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "169.254.1.2:7", 0, 0, NULL, 0 },
  { "[fe80::1%enp0s31f6.4094]:7", ADDRESS_TEXT_SCOPED, 0, "fe80::1%enp0s31f6.4094", 7 },
  { "[fe80::1%sixteen-letters!]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "[fe80::1%a b]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "[fe80::1%a\n]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "[fe80::1%\x1b[2J]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "[fe80::1%\xff]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "[fe80::1%a%b]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "[fe80::1%a/b]:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "fe80::1%a]", ADDRESS_TEXT_SCOPED, 5, NULL, 0 },
  { "fe80::1%a:7", ADDRESS_TEXT_SCOPED, 5, NULL, 0 },
  /* names */
  { "ada:7", ADDRESS_TEXT_SCOPED, 0, NULL, 0 },
  { "256.1.1.1:7", ANY, 0, NULL, 0 },
  { "1.2.3:7", ANY, 0, NULL, 0 },
  { "a b:7", ANY, 0, NULL, 0 },
  { "a/b:7", ANY, 0, NULL, 0 },
  { "a@b:7", ANY, 0, NULL, 0 },
  { ".ada:7", ANY, 0, NULL, 0 },
  { "a..b:7", ANY, 0, NULL, 0 },
  { "\xff:7", ANY, 0, NULL, 0 },
  { ":7", ANY, 5, NULL, 0 },
  { "", ANY, 5, NULL, 0 },
};

static void
test_table (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AddressText address;
      bool ok =
          address_text_parse (&address, cases[i].text, cases[i].allowed, cases[i].default_port);
      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (ok, ==, cases[i].host != NULL);
      if (!ok)
        continue;
      g_assert_cmpstr (address.host, ==, cases[i].host);
      g_assert_cmpint (address.port, ==, cases[i].port);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address-text/table", test_table);
  return g_test_run ();
}
