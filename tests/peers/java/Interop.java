import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * gRPC's official interop cases on grpc-java: a server and a client.
 *
 * <pre>
 * java -cp ... Interop server --descriptor_set=FILE [--port=0]
 *     prints where it listens, and ends when its input ends
 * java -cp ... Interop client --descriptor_set=FILE --server_port=PORT --test_case=CASE[,CASE...]
 *     prints how each case ended; exit code 1 if one failed
 * </pre>
 *
 * FILE holds the descriptors of grpc/testing/test.proto and what that imports.
 */
abstract class Interop {
  static final Metadata.Key<String> INITIAL =
      Metadata.Key.of("x-grpc-test-echo-initial", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<byte[]> TRAILING =
      Metadata.Key.of("x-grpc-test-echo-trailing-bin", Metadata.BINARY_BYTE_MARSHALLER);
  /** In seconds; longer than a call takes, so that none waits without end. */
  static final int PATIENCE = 20;

  static final Map<String, Descriptor> MESSAGES = new HashMap<>();
  static final Map<String, ServiceDescriptor> SERVICES = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    Map<String, String> flags = new HashMap<>();
    for (String argument : arguments) {
      String[] flag = argument.split("=", 2);
      flags.put(flag[0], flag.length > 1 ? flag[1] : "");
    }
    load(Path.of(flags.get("--descriptor_set")));
    if (flags.containsKey("server")) {
      InteropServer.serve(Integer.parseInt(flags.getOrDefault("--port", "0")));
    } else {
      String host = flags.getOrDefault("--server_host", "127.0.0.1");
      InteropClient client = new InteropClient(host + ":" + flags.get("--server_port"));
      System.exit(client.call(flags.get("--test_case").split(",")) ? 0 : 1);
    }
  }

  static void load(Path path) throws Exception {
    Map<String, FileDescriptor> files = new HashMap<>();
    // A file comes after those that it imports.
    FileDescriptorSet set = FileDescriptorSet.parseFrom(Files.readAllBytes(path));
    for (FileDescriptorProto proto : set.getFileList()) {
      FileDescriptor[] imports =
          proto.getDependencyList().stream().map(files::get).toArray(FileDescriptor[]::new);
      FileDescriptor file = FileDescriptor.buildFrom(proto, imports);
      files.put(file.getName(), file);
      file.getMessageTypes().forEach(it -> MESSAGES.put(it.getName(), it));
      file.getServices().forEach(it -> SERVICES.put(it.getName(), it));
    }
  }

  static MethodDescriptor<DynamicMessage, DynamicMessage> method(String service, String name) {
    var method = SERVICES.get(service).findMethodByName(name);
    String sides =
        method.isClientStreaming()
            ? (method.isServerStreaming() ? "BIDI_STREAMING" : "CLIENT_STREAMING")
            : (method.isServerStreaming() ? "SERVER_STREAMING" : "UNARY");
    return MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
        .setType(MethodDescriptor.MethodType.valueOf(sides))
        .setFullMethodName(
            MethodDescriptor.generateFullMethodName(method.getService().getFullName(), name))
        .setRequestMarshaller(
            ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
        .setResponseMarshaller(
            ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
        .build();
  }

  /** A message of the fields that are named, each before its value. */
  static DynamicMessage message(String name, Object... fields) {
    Descriptor type = MESSAGES.get(name);
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (int at = 0; at < fields.length; at += 2) {
      message.setField(type.findFieldByName((String) fields[at]), fields[at + 1]);
    }
    return message.build();
  }

  @SuppressWarnings("unchecked")
  static <T> T get(DynamicMessage message, String field) {
    return (T) message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  static DynamicMessage zeros(int size) {
    return message("Payload", "body", ByteString.copyFrom(new byte[size]));
  }

  /** Whether a message is compressed, as its reader says: then it does not know its size. */
  static boolean compressed(long uncompressedSize) {
    return uncompressedSize < 0;
  }
}
