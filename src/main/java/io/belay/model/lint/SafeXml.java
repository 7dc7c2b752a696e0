package io.belay.model.lint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.Attributes;
import org.xml.sax.Locator;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Reads XML that anybody may have written. A first pass over the stream refuses what could harm a
 * later one, which builds trees and follows references: DOCTYPE and so entities, schema locations
 * (the engine's own parser would fetch them), deep nesting, endless elements.
 */
final class SafeXml {

  static final int MAX_DEPTH = 200;
  static final int MAX_ELEMENTS = 20_000;

  private static final String NO_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";

  private SafeXml() {}

  /**
   * @throws SAXException with line and reason
   */
  static Document read(byte[] content) throws SAXException {
    try {
      SAXParserFactory sax = SAXParserFactory.newDefaultNSInstance();
      sax.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      sax.setFeature(NO_DOCTYPE, true);
      sax.newSAXParser().parse(new ByteArrayInputStream(content), new Guard());

      DocumentBuilderFactory dom = DocumentBuilderFactory.newDefaultNSInstance();
      dom.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      dom.setFeature(NO_DOCTYPE, true);
      var builder = dom.newDocumentBuilder();
      builder.setErrorHandler(new DefaultHandler());
      return builder.parse(new ByteArrayInputStream(content));
    } catch (IOException e) {
      throw new SAXException("its characters cannot be decoded: " + e.getMessage(), e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("this JDK has no XML parser that refuses DOCTYPE", e);
    }
  }

  /** Why a parser gave up, and where, as far as known. */
  static String describe(Throwable failure) {
    Throwable cause = failure;
    for (Throwable t = failure; t != null; t = t.getCause()) {
      cause = t;
      if (t instanceof SAXParseException at && at.getLineNumber() > 0) {
        return "line %d: %s".formatted(at.getLineNumber(), at.getMessage());
      }
    }
    return Optional.ofNullable(cause.getMessage()).orElse(cause.toString());
  }

  /** The id of the node or of the nearest element around it that has one. */
  static String idAround(Node node) {
    for (Node n = node; n != null; n = n.getParentNode()) {
      if (n instanceof Element element && element.hasAttribute("id")) {
        return element.getAttribute("id");
      }
    }
    return "";
  }

  private static final class Guard extends DefaultHandler {

    private Locator locator;
    private int depth;
    private int elements;

    @Override
    public void setDocumentLocator(Locator locator) {
      this.locator = locator;
    }

    @Override
    public void startElement(String uri, String local, String qualified, Attributes attributes)
        throws SAXException {
      if (++depth > MAX_DEPTH) {
        refuse("elements are nested deeper than " + MAX_DEPTH + " levels");
      }
      if (++elements > MAX_ELEMENTS) {
        refuse("it has more than " + MAX_ELEMENTS + " elements");
      }
      for (int i = 0; i < attributes.getLength(); i++) {
        if (attributes.getURI(i).equals(XMLConstants.W3C_XML_SCHEMA_INSTANCE_NS_URI)
            && !attributes.getLocalName(i).equals("type")) {
          refuse("xsi:" + attributes.getLocalName(i) + " refers outside; remove the attribute");
        }
      }
    }

    @Override
    public void endElement(String uri, String local, String qualified) {
      depth--;
    }

    @Override
    public void fatalError(SAXParseException e) throws SAXException {
      throw e;
    }

    private void refuse(String reason) throws SAXException {
      throw new SAXParseException(reason, locator);
    }
  }
}
