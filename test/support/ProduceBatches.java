import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes batches with Kafka's own client. Each line of the input is one batch: codec, number of records,
 * bytes to which each is padded with blanks, and the text with which each begins, between tabs.
 */
class ProduceBatches {
  public static void main(String[] args) throws Exception {
    var producers = new HashMap<String, KafkaProducer<String, String>>();
    var lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      var fields = line.split("\t", 4);
      var text = fields[3];
      var value = text + " ".repeat(Math.max(0, Integer.parseInt(fields[2]) - text.length()));
      var producer = producers.computeIfAbsent(fields[0], codec -> producer(args[0], codec));
      for (int i = 0; i < Integer.parseInt(fields[1]); i++) {
        producer.send(new ProducerRecord<>(args[1], 0, String.valueOf(i), value));
      }
      producer.flush();
    }
    for (var producer : producers.values()) producer.close();
  }

  static KafkaProducer<String, String> producer(String brokers, String codec) {
    var settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("compression.type", codec);
    settings.put("linger.ms", "60000");
    settings.put("batch.size", "1048576");
    settings.put("max.request.size", "134217728");
    settings.put("buffer.memory", "134217728");
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }
}
