"""eureka_sd beside Prometheus at a scripted Eureka."""

import sys

import side_by_side
from registries import EurekaServer
from side_by_side import SideBySide

SECTION = """
eureka_sd_configs:
- server: {url}/eureka
  refresh_interval: 300ms
  authorization: {{type: Bearer, credentials: sesame}}
"""
METADATA = ('<metadata class="m"><management.port>81</management.port><text>a&amp;b &lt;c&gt;</text>'
            "<nested>x<y>1</y></nested></metadata>",)
CENTER = ("<dataCenterInfo class='c'><name>MyOwn</name><metadata><zone-id>z1</zone-id></metadata></dataCenterInfo>",)


class Eureka(SideBySide):
    mechanism = "eureka"

    def test_changes_and_failures(self):
        eureka = self.start_fake(EurekaServer())
        eureka.add("API", "h1", 8080, ipAddr="10.0.0.1", vipAddress="api", secureVipAddress="sapi", countryId=1,
                   securePort=('<securePort enabled="false">443</securePort>',), metadata=METADATA,
                   dataCenterInfo=CENTER, homePageUrl="http://h1/?a=1&b=2", statusPageUrl="s", healthCheckUrl="h")
        eureka.token = "sesame"
        self.start_both(SECTION.format(url=eureka.url), "prometheus")
        self.agree("at first")
        self.change("an instance comes", lambda: eureka.add("API", "h2", 8080, status="DOWN"))
        self.change("an app comes", lambda: eureka.add("WEB", "h3", 80))
        self.change("an instance without a port", lambda: eureka.apps["WEB"].append({"hostName": "h4"}))
        self.change("a space around a number", lambda: eureka.add(
            "WEB", "h5", 82, port=("<port enabled='false'> 82 </port>", 82)))
        section = ("<status><![CDATA[<UP>]]></status>",)
        self.change("text in a section", lambda: eureka.add("WEB", "h6", 83, status=section))
        self.change("an instance goes", lambda: eureka.apps["API"].pop(0))
        self.change("an app is renamed", lambda: eureka.apps.update(API2=eureka.apps.pop("API")))
        self.change("a host is renamed", lambda: eureka.apps["API2"][0].update(hostName="h2b"))
        self.change("a port changes", lambda: eureka.apps["API2"][0].update(port=("<port>8081</port>", 8081)))
        self.change("a status changes", lambda: eureka.apps["API2"][0].update(status="OUT_OF_SERVICE"))
        self.change("metadata comes", lambda: eureka.apps["API2"][0].update(metadata=METADATA))
        self.restart_server(lambda: eureka.add("AFTER", "h10", 1))
        self.fail_and_recover("error", lambda: eureka.add("AFTER", "h11", 1))
        self.fail_and_recover("hang", lambda: eureka.add("AFTER", "h12", 1))
        self.fail_and_recover("truncated", lambda: eureka.apps["AFTER"].pop(0))
        self.fail_and_recover("garbage", lambda: eureka.add("AFTER", "h13", 1))
        self.revoke_token(lambda: eureka.add("AFTER", "h14", 1))
        self.change_slowly("an app goes", lambda: eureka.apps.pop("WEB"))
        self.change_in_a_row(5, lambda i: eureka.add("ROW", f"h{20 + i}", 1))
        self.change("all goes", eureka.apps.clear)
        self.change("and comes again", lambda: eureka.add("API", "h1", 8080))
        self.steps.require_all()


if __name__ == "__main__":
    side_by_side.main(sys.argv, "prometheus")
