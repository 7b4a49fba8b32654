/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thing that the doctor found out: what is so, why, and what to do about it. A boxed value that
 * never changes. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  FINDING_INTERFACE, /* a network interface of this computer, or that there is none */
  FINDING_MTU,       /* one that carries too little */
  FINDING_NETWORKS,  /* there are several */
  FINDING_VPN,
  FINDING_PORT, /* our UDP port */
  FINDING_FIREWALL,
  FINDING_DISCOVERY, /* Avahi */
  FINDING_ISOLATION, /* a paired device is seen by discovery, and does not answer */
  FINDING_DEVICE,    /* whether a device answers */
  FINDING_ADDRESS,   /* whether it does at one address */
} FindingKind;

typedef enum
{
  FINDING_OK,
  FINDING_WARNING, /* it may be the reason when something does not work */
  FINDING_PROBLEM, /* something does not work because of it */
} FindingSeverity;

/** The nicks are "interface", "mtu", "networks", "vpn", "port", "firewall", "discovery",
 * "isolation", "device", "address". */
#define WHERRY_TYPE_FINDING_KIND (wherry_finding_kind_get_type ())
GType wherry_finding_kind_get_type (void);
/** The nicks are "ok", "warning", "problem". */
#define WHERRY_TYPE_FINDING_SEVERITY (wherry_finding_severity_get_type ())
GType wherry_finding_severity_get_type (void);

typedef struct
{
  FindingKind kind;
  FindingSeverity severity;
  char *cause;   /* a sentence, translated */
  char *remedy;  /* (nullable) a sentence or two, translated */
  char *command; /* (nullable) to be copied into a terminal; not translated */
} Finding;

#define FINDING_TYPE (finding_get_type ())
GType finding_get_type (void);

/** (transfer full) all three texts. */
Finding *finding_new (FindingKind kind, FindingSeverity severity, char *cause, char *remedy,
                      char *command);
void finding_unref (Finding *self);

/** A list to be filled. (element-type Finding) */
static inline GPtrArray *
findings_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) finding_unref);
}

G_END_DECLS
