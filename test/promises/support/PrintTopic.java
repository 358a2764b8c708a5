import java.util.Properties;
import java.time.Duration;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints each record that a topic holds, with Kafka's own client: headers, key and value between tabs. */
class PrintTopic {
  public static void main(String[] args) {
    var settings = new Properties();
    settings.put("bootstrap.servers", args[0]);
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      var partitions =
          consumer.partitionsFor(args[1]).stream()
              .map(it -> new TopicPartition(it.topic(), it.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(it -> consumer.position(it.getKey()) < it.getValue())) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          var headers = new StringBuilder();
          for (var header : record.headers()) {
            headers.append(header.key()).append('=').append(new String(header.value())).append(';');
          }
          System.out.println(headers + "\t" + record.key() + "\t" + record.value());
        }
      }
    }
  }
}
