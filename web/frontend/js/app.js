// What every page loads. Pages read and forms work without it.

import "htmx.org";
import "./conditions.js";
import "./connectors.js";
import "./copy.js";
import "./dialogs.js";
import "./listen.js";
import "./times.js";
