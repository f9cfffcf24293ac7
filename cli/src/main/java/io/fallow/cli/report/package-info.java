/** What there is to tell about an image, free of how it is shown. */
package io.fallow.cli.report;
