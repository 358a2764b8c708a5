import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache';
import { javaVersion } from './jvm';
import { run } from './run';
import { versions } from './versions';

/**
 * Kafka's jars by way of Maven.
 * @param onFetch called before they are fetched for the first time
 * @returns a folder with `libs`, in the cache
 */
export async function kafkaFromMaven(onFetch: () => void): Promise<string> {
  await javaVersion();
  const { artifact, version } = versions.kafka;
  return cached(`${artifact}-${version}`, async folder => {
    onFetch();
    await writeFile(join(folder, 'pom.xml'), pom);
    const copy = ['dependency:copy-dependencies', '-DoutputDirectory=libs'];
    await run('mvn', ['--batch-mode', '--quiet', ...copy], { cwd: folder });
  });
}

const dependency = (group: string, artifact: string, version: string) =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>orderly</groupId><artifactId>kafka-libs</artifactId><version>1</version>
  <dependencies>
    ${dependency('org.apache.kafka', versions.kafka.artifact, versions.kafka.version)}
    ${dependency('org.slf4j', 'slf4j-simple', versions.kafka.slf4jSimple)}
  </dependencies>
</project>
`;
