import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '../../.cache');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** A server in Java that tests run on, as Maven Central has it. */
export interface JavaServer {
  /** What people call it. */
  readonly name: string;
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
}

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const pomOf = ({ groupId, artifactId, version }: JavaServer): string =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rungwise.test</groupId>
  <artifactId>server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>${groupId}</groupId>
      <artifactId>${artifactId}</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;

/** The folder of the server's jar files, with all that it needs. */
export const jarsOf = ({ artifactId, version }: JavaServer): string =>
  join(CACHE, `${artifactId}-${version}`);

/** Fetches the jar files from Maven Central, once; returns null, or why that was not possible. */
function install(server: JavaServer): string | null {
  const jars = jarsOf(server);
  if (existsSync(jars)) return null;
  if (!runs('mvn', ['-version'])) return `there is no Maven (mvn) to fetch ${server.name} with`;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'jars-'));
  const pom = join(folder, 'pom.xml');
  writeFileSync(pom, pomOf(server));
  const args = ['--batch-mode', '--quiet', '--file', pom, COPY, `-DoutputDirectory=${folder}`];
  if (!runs('mvn', args)) return `Maven could not fetch ${server.name}`;
  // Complete or not there at all, also where two test runs fetch at once.
  if (!existsSync(jars)) renameSync(folder, jars);
  return null;
}

/** Fetches the server where it is not here yet; returns why it cannot run here, or null where it can. */
export function javaServerMissing(server: JavaServer): string | null {
  const reason = runs('java', ['-version']) ? install(server) : 'there is no Java (java)';
  return reason === null ? null : `LEFT OUT: ${reason}, so nothing was tested on ${server.name}`;
}
