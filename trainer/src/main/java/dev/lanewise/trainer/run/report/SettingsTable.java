package dev.lanewise.trainer.run.report;

import dev.lanewise.trainer.run.page.Html;
import dev.lanewise.trainer.run.page.SettingValue;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Settings;

/** All settings of a run, under the names that they have in config.yaml. */
final class SettingsTable {

  private static final int LONGEST_VALUE = 400;

  private SettingsTable() {}

  static String html(Settings settings) {
    StringBuilder html = new StringBuilder();
    for (ConfigKey.Section section : ConfigKey.Section.values()) {
      html.append("<h3>").append(Html.escape(section.title())).append("</h3>\n<table>\n");
      for (ConfigKey key : ConfigKey.values()) {
        if (key.section() == section) {
          html.append(
              "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td></tr>\n"
                  .formatted(
                      key.key(),
                      Html.escape(SettingValue.shown(key, settings), LONGEST_VALUE),
                      Html.escape(key.description())));
        }
      }
      html.append("</table>\n");
    }
    return html.toString();
  }
}
