/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the window. window.c puts together what window_dialogs.c asks and window_news.c
 * tells; both go to the pages of window_pages.c, and none of these calls back up. */
#pragma once

#include "ui/device_page.h"
#include "ui/empty_page.h"
#include "ui/this_device.h"
#include "ui/window.h"

G_BEGIN_DECLS

struct _WherryWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkStack *pages;
  AdwNavigationSplitView *split;
  AdwBanner *warning;
  AdwBanner *discovery;
  GtkStack *sidebar;
  GtkListBox *paired_list;
  GtkListBox *nearby_list;
  WherryEmptyPage *sidebar_empty;
  WherryEmptyPage *content_empty;
  AdwNavigationPage *no_device;
  WherryThisDevice *this_device;
  AdwStatusPage *problem;

  WherryClient *client; /* (owned) (nullable) */
  GListModel *paired;   /* (owned) (nullable) WherryDevice */
  GListModel *nearby;   /* (owned) (nullable) WherryDevice */
  char *warned_of;      /* (owned) (nullable) */
  GPtrArray *homeless;  /* (owned) (nullable) WherryTransfer accepted while a folder is asked for */
  gboolean closing;     /* the person agreed to abort what runs */
};

/* window_pages.c: what the others stand on. */

/** A toast whose sentence can be read to its end; told to assistive technologies. @button: what its
 * button says, with a mnemonic; NULL for none. */
AdwToast *window_toast_new (WherryWindow *self, const char *sentence, const char *button);
/** A sentence for the person, as a toast that stays until it is dismissed. */
void window_complain (WherryWindow *self, const char *sentence);
/** Offers @files to @device, and goes to its page. */
void window_send_to (WherryWindow *self, WherryDevice *device, GPtrArray *files);
/** NULL: no device is chosen. */
void window_show_page_of (WherryWindow *self, WherryDevice *device);
/** The page that the person looks at, which acts for the window; NULL when it is another. */
WherryDevicePage *window_get_shown_page (WherryWindow *self);

/* window_dialogs.c */

/** Opens the dialog at Enter a Code, for @device when it is not NULL. */
void window_pair_with (WherryWindow *self, WherryDevice *device);
/** Shows or hides the banner by the state of discovery. */
void window_update_discovery (WherryWindow *self);
void window_explain_discovery (WherryWindow *self);
void window_explain_warning (WherryWindow *self);
/** GDK_EVENT_STOP while the person is asked whether to stop transfers. */
gboolean window_confirm_close (WherryWindow *self);
void window_install_dialog_actions (GtkWidgetClass *widget_class);

/* window_news.c */

/** From now on toasts tell of offers to and transfers of the node. */
void window_watch_transfers (WherryWindow *self);
void window_install_news_actions (GtkWidgetClass *widget_class);

G_END_DECLS
