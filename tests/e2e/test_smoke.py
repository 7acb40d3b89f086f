from tests.e2e.project import *
def test_it(project, proxy, cloud):
    p = project.write('''
resource "terraform_data" "a" { input = "x" }
output "a" { value = terraform_data.a.output }
''').through(proxy.url)
    for v in (p.init(), p.plan(), p.apply(), p.apply(), p.outputs()):
        print(v); print(proxy.operations); proxy.requests.clear()
    print(cloud.addresses(p), cloud.lock(p), cloud.digest(p))
    print(p.apply(CHECK), proxy.writes, proxy.operations)
    assert 0
