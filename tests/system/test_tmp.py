import pytest,time,json,collections
from tests.system.town import *
from tests.system.walking import *
from tongxin.api import limits
pytestmark = pytest.mark.django_db
PARTS={
 "q/<str:code>":{"code":"place_code"},
 "desk/places/<str:kind>/<uuid:place_id>/poster.pdf":{"kind":"building","place_id":"building_id"},
 "desk/places/imports/template/<str:kind>.xlsx":{"kind":"homes"},
 "me/family/<uuid:request_id>/":{"request_id":"family_request"},
 "cases/<str:number>/answer/":{"number":"asked"},
 "cases/<str:number>/not-solved/":{"number":"asked"},
 "desk/settings/categories/<str:code>/":{"code":"lighting"},
 "t/<str:token>":{"token":"task_token"}, "f/<str:token>":{"token":"nonsense"},
 "desk/cases/<str:number>/<slug:name>/":{"name":"note"},
 "api/v1/codes/<code>":{"code":"place_code"},
}
DEF={"number":"lamp","deed":"urge","building":"building_id","unit":"unit_id"}
def test_x(town):
    out=collections.defaultdict(lambda: collections.defaultdict(list)); leak=collections.defaultdict(lambda: collections.defaultdict(list))
    limits.forget()
    slow=collections.Counter()
    for who in everybody():
        v=Visitor(town,who)
        for p,view in routes():
            url=address(town,p,DEF|PARTS.get(p,{}))
            t=time.time()
            v.pages.raise_request_exception=False
            r=v.get(url)
            slow[p]+=time.time()-t
            out[p][r.status_code].append("%s:%s"%who)
            b=body_of(r)
            for n,s in SECRETS.items():
                if s in b: leak[p][n].append("%s:%s"%who)
        limits.forget()
    json.dump({"out":out,"leak":leak,"slow":slow.most_common(30)},open("/tmp/matrix.json","w"),ensure_ascii=False,indent=1)
