"""``tongxin import residents``: every bad cell by its address, nothing half, nothing twice."""

import json

from tongxin.commands.main import main
from tongxin.people.models import Person
from tongxin.people.tests.test_imports import LI, ZHANG, changed, csv_file
from tongxin.people.tests.town import build


def test_residents_come_from_a_file_on_the_command_line(db, tmp_path, capsys):
    town = build()
    file = tmp_path / "residents.csv"
    file.write_bytes(csv_file(ZHANG, changed(LI, 手机="12")))

    def run(*more):
        code = main(["import", "residents", str(file), "--community", town.wuyan.code, "--json", *more])
        return code, json.loads(capsys.readouterr().out)

    code, result = run()
    assert (code, result["read"], result["imported"]) == (1, 2, 0)
    assert result["errors"] == [{"row": 3, "cell": "C3", "why": "This is not a mobile number."}]
    code, result = run("--good-rows")
    assert (code, result["imported"], result["made"]["persons"]) == (0, 1, 1)
    code, result = run("--good-rows")
    assert (result["imported"], result["already_there"]) == (0, 1)
    assert Person.objects.filter(name="张桂兰").count() == 1
