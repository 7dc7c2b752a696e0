package io.belay.capability.document;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;

/**
 * A file's owner and mode, which are kept so that the application can go on using it.
 *
 * @param mode as {@code rw-r-----}
 */
record FileOwner(String mode, String owner, String group) {

  static FileOwner of(Path file) throws IOException {
    PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class);
    return new FileOwner(
        PosixFilePermissions.toString(found.permissions()),
        found.owner().getName(),
        found.group().getName());
  }

  void apply(Path file) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    PosixFileAttributes now = view.readAttributes();
    UserPrincipalLookupService names = file.getFileSystem().getUserPrincipalLookupService();
    if (!now.owner().getName().equals(owner)) {
      view.setOwner(names.lookupPrincipalByName(owner));
    }
    if (!now.group().getName().equals(group)) {
      view.setGroup(names.lookupPrincipalByGroupName(group));
    }
    view.setPermissions(PosixFilePermissions.fromString(mode));
  }
}
