import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/** What Java makes of names: each argument is host:NAME (InetAddress) or srv:NAME (JNDI). */
class Client {
    public static void main(String[] questions) {
        for (String question : questions) {
            String[] parts = question.split(":", 2);
            List<String> found = parts[0].equals("host") ? host(parts[1]) : srv(parts[1]);
            System.out.println(question + "\t" + String.join("\t", found));
        }
    }

    static List<String> host(String name) {
        try {
            List<String> found = new ArrayList<>();
            for (InetAddress each : InetAddress.getAllByName(name)) found.add(each.getHostAddress());
            return found;
        } catch (UnknownHostException error) {
            return List.of(error.getClass().getSimpleName());
        }
    }

    static List<String> srv(String name) {
        Hashtable<String, String> settings = new Hashtable<>();
        settings.put("java.naming.factory.initial", "com.sun.jndi.dns.DnsContextFactory");
        settings.put("java.naming.provider.url", "dns:");
        try {
            List<String> found = new ArrayList<>();
            Attribute records = new InitialDirContext(settings).getAttributes(name, new String[] {"SRV"}).get("SRV");
            for (NamingEnumeration<?> each = records.getAll(); each.hasMore(); ) {
                String[] fields = each.next().toString().split(" ");
                found.add(fields[2] + ":" + fields[3]);
            }
            return found;
        } catch (NamingException error) {
            return List.of(error.getClass().getSimpleName());
        }
    }
}
