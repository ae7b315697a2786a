import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * The core of Elasticsearch as one node on loopback, from the jars that Elastic publishes for Maven: without x-pack, so
 * there is no TLS and there are no users, and without the modules that Elastic publishes only in its archives.
 *
 * <p>Usage: CoreNode HOME MODULES HTTP_PORT TRANSPORT_PORT [SETTING=VALUE ...]. It runs until it is killed.
 */
public final class CoreNode {

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        for (String name : new String[] { "config", "plugins", "data", "logs", "lib" }) {
            Files.createDirectories(home.resolve(name));
        }
        System.setProperty("es.path.home", home.toString());
        LogConfigurator.configureESLogging();
        Settings.Builder settings = Settings.builder()
            .put("path.home", home)
            .put("path.data", home.resolve("data"))
            .put("path.logs", home.resolve("logs"))
            .put("cluster.name", "onestop-tests")
            .put("node.name", "node-1")
            .put("node.processors", 2)
            .put("network.host", "127.0.0.1")
            .put("http.port", args[2])
            .put("transport.port", args[3])
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
        for (int i = 4; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), home.resolve("config"), () -> "node-1");
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(Path.of(args[1]), false),
            PluginsLoader.loadPluginsBundles(home.resolve("plugins"), false),
            Map.of(),
            false);
        new Node(environment, plugins).start();
        new CountDownLatch(1).await();
    }
}
