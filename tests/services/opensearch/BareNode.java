import java.util.concurrent.CountDownLatch;

import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * OpenSearch as one node on loopback, with the modules that come with it and without the security plugin.
 *
 * <p>Usage: BareNode HOME HTTP_PORT TRANSPORT_PORT [SETTING=VALUE ...]. It runs until it is killed.
 */
public final class BareNode {

    public static void main(String[] args) throws Exception {
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("http.port", args[1]);
            settings.put("transport.port", args[2]);
            settings.put("network.host", "127.0.0.1");
            settings.put("node.processors", 2);
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
            for (int i = 3; i < args.length; i++) {
                String[] pair = args[i].split("=", 2);
                settings.put(pair[0], pair[1]);
            }
        });
        runner.build(OpenSearchRunner.newConfigs().basePath(args[0]).numOfNode(1).clusterName("onestop-tests"));
        new CountDownLatch(1).await();
    }
}
