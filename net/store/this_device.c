/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/this_device.h"

#include <string.h>

/* The value of PRETTY_HOSTNAME in the text of /etc/machine-info (shell-like quoting); NULL when
 * there is none. (transfer full) */
static char *
machine_info_pretty_name (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line; line++)
    {
      const char *value = g_strstrip (*line);
      if (g_str_has_prefix (value, "PRETTY_HOSTNAME="))
        return g_shell_unquote (value + strlen ("PRETTY_HOSTNAME="), NULL);
    }
  return NULL;
}

/* An SMBIOS chassis type (DMTF DSP0134, 7.4.1) in decimal. */
static DeviceType
chassis_device_type (const char *text)
{
  switch (g_ascii_strtoull (text, NULL, 10))
    {
    case 8:  /* portable */
    case 9:  /* laptop */
    case 10: /* notebook */
    case 14: /* sub notebook */
    case 31: /* convertible */
    case 32: /* detachable */
      return DEVICE_LAPTOP;
    case 11: /* hand held */
      return DEVICE_PHONE;
    case 30: /* tablet */
      return DEVICE_TABLET;
    case 17: /* main server chassis */
    case 23: /* rack mount chassis */
    case 28: /* blade */
    case 29: /* blade enclosure */
      return DEVICE_SERVER;
    default:
      return DEVICE_DESKTOP;
    }
}

void
this_device_describe (DeviceInfo *info)
{
  g_autofree char *machine_info = NULL;
  g_autofree char *chassis = NULL;
  g_autofree char *pretty = NULL;
  if (g_file_get_contents ("/etc/machine-info", &machine_info, NULL, NULL))
    pretty = machine_info_pretty_name (machine_info);
  device_name_sanitize (info->name, pretty && *pretty ? pretty : g_get_host_name (), -1);

  info->type = DEVICE_DESKTOP;
  if (g_file_get_contents ("/sys/class/dmi/id/chassis_type", &chassis, NULL, NULL))
    info->type = chassis_device_type (chassis);
  device_id_generate (info->device_id);
}
