#!/usr/bin/env bash
# Builds this source tree against Operaton, the maintained fork of Camunda 7, and runs the tests of the
# engine and the models there. The tree itself stays as it is: a copy under target/operaton is renamed.
#
#   src/test/operaton/try.sh [Maven's -Dtest pattern]
#
# docs/decisions/way-out-of-camunda-7.md says what it shows and what it does not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

readonly VERSION=1.0.3
readonly TESTS=${1:-io/belay/engine/**/*Test,io/belay/model/**/*Test,!ModelMutationTest}
readonly COPY=target/operaton

rm -rf "$COPY"
mkdir -p "$COPY"
git ls-files -z -- pom.xml src processes examples environments docs belay | tar -c --null -T - | tar -x -C "$COPY"
cd "$COPY"

# Dependencies: another group and artifact, the same parts. Operaton has no release of Camunda's
# assertions under this version; no test uses them.
sed -i \
  -e 's#<groupId>org\.camunda\.bpm#<groupId>org.operaton.bpm#' \
  -e 's#<artifactId>camunda-bpm-spring-boot#<artifactId>operaton-bpm-spring-boot#' \
  -e 's#<artifactId>camunda-bom#<artifactId>operaton-bom#' \
  -e "s#<camunda.version>[^<]*#<camunda.version>$VERSION#" \
  -e '/<arg>-Werror<\/arg>/d' pom.xml
perl -0pi -e 's#\s*<dependency>\s*<groupId>org\.operaton\.bpm</groupId>\s*<artifactId>camunda-bpm-(assert|junit5)</artifactId>.*?</dependency>##gs' pom.xml

# Packages and types. EL is no copy of its own there, but the API of Jakarta.
find src -name '*.java' -print0 | xargs -0 sed -i \
  -e 's/org\.camunda\.bpm\.impl\.juel\.jakarta\.el/jakarta.el/g' \
  -e 's/bpmn\.instance\.camunda\b/bpmn.instance.operaton/g' \
  -e 's/org\.camunda\.bpm\.spring\.boot\.starter\.configuration\.impl\.AbstractCamundaConfiguration/org.operaton.bpm.spring.boot.starter.util.SpringBootProcessEnginePlugin/' \
  -e 's/\bAbstractCamundaConfiguration\b/SpringBootProcessEnginePlugin/g' \
  -e 's/org\.camunda\.bpm/org.operaton.bpm/g' \
  -e 's/Groups\.CAMUNDA_ADMIN/Groups.OPERATON_ADMIN/g' \
  -e 's/\bCamunda\([A-Z]\)/Operaton\1/g' \
  -e 's/\([a-z]\)Camunda\([A-Z]\)/\1Operaton\2/g' \
  -e 's/\.camunda\([A-Z][A-Za-z]*\)(/.operaton\1(/g' \
  -e 's/"camunda\.bpm\./"operaton.bpm./g'

# Settings.
find src -name 'application*.yaml' -print0 | xargs -0 sed -i \
  -e 's/^camunda:/operaton:/' \
  -e 's/org\.camunda\.bpm/org.operaton.bpm/g' \
  -e 's/CamundaBpm/OperatonBpm/g'

exec mvn -B -ntp test "-Dtest=$TESTS" -Dsurefire.failIfNoSpecifiedTests=false
