/* SPDX-License-Identifier: MIT */
/* Writes the markup that all pages for people share. */
#include "page/html.h"

void html_text(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '&':
			buf_add_z(out, "&amp;");
			break;
		case '<':
			buf_add_z(out, "&lt;");
			break;
		case '>':
			buf_add_z(out, "&gt;");
			break;
		case '"':
			buf_add_z(out, "&quot;");
			break;
		case '\'':
			buf_add_z(out, "&#39;");
			break;
		default:
			buf_add_char(out, text.p[i]);
		}
	}
}

void html_begin(struct buf *out, const char *title)
{
	buf_add_z(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		  "<meta charset=\"utf-8\">\n"
		  "<meta name=\"viewport\" "
		  "content=\"width=device-width, initial-scale=1\">\n<title>");
	html_text(out, str_z(title));
	buf_add_z(out, "</title>\n<style>\n"
		  "body { font-family: sans-serif; line-height: 1.5;\n"
		  "  max-width: 40em; margin: 3em auto; padding: 0 1em;\n"
		  "  color: #222; background: #fff; "
		  "overflow-wrap: anywhere; }\n"
		  "code { font-size: 1.5em; letter-spacing: .1em; }\n"
		  "button { font: inherit; padding: .4em 1.2em; }\n"
		  "</style>\n</head>\n<body>\n<h1>");
	html_text(out, str_z(title));
	buf_add_z(out, "</h1>\n");
}

void html_end(struct buf *out)
{
	buf_add_z(out, "</body>\n</html>\n");
}

void html_paragraph(struct buf *out, struct str text)
{
	buf_add_z(out, "<p>");
	html_text(out, text);
	buf_add_z(out, "</p>\n");
}

void html_hidden(struct buf *out, struct str name, struct str value)
{
	buf_add_z(out, "<input type=\"hidden\" name=\"");
	html_text(out, name);
	buf_add_z(out, "\" value=\"");
	html_text(out, value);
	buf_add_z(out, "\">\n");
}
