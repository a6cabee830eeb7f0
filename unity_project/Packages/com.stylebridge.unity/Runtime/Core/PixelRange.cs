using System;
using System.Collections.Generic;

namespace Stylebridge
{
    /// <summary>A numeric range: number = (unit * peak - mean) / std, mean and std in RGB order.</summary>
    public sealed class PixelRange : IEquatable<PixelRange>
    {
        /// <summary>0 to 1.</summary>
        public static readonly PixelRange Unit = new PixelRange("unit", 1.0, Same(0.0), Same(1.0));

        /// <summary>0 to 255.</summary>
        public static readonly PixelRange Byte = new PixelRange("byte", 255.0, Same(0.0), Same(1.0));

        /// <summary>-1 to 1.</summary>
        public static readonly PixelRange Signed = new PixelRange("signed", 1.0, Same(0.5), Same(0.5));

        /// <summary>The mean and spread of ImageNet.</summary>
        public static readonly PixelRange ImageNet = new PixelRange(
            "imagenet", 1.0, new[] { 0.485, 0.456, 0.406 }, new[] { 0.229, 0.224, 0.225 });

        private static readonly PixelRange[] Named = { Unit, Byte, Signed, ImageNet };
        private readonly double[] _mean;
        private readonly double[] _std;

        /// <summary>A range of one's own; refused unless every number it leads to stays finite in float32.</summary>
        public PixelRange(double peak, double[] mean, double[] std)
            : this("", peak, mean, std)
        {
        }

        private PixelRange(string name, double peak, double[] mean, double[] std)
        {
            if (mean == null || std == null || mean.Length != 3 || std.Length != 3)
            {
                throw Unusable("a range without three means and three stds");
            }
            Name = name;
            Peak = peak;
            _mean = (double[])mean.Clone();
            _std = (double[])std.Clone();
            CheckNumbers();
        }

        /// <summary>The range's name; empty for a range of one's own.</summary>
        public string Name { get; }

        /// <summary>The number that a full unit becomes before mean and std.</summary>
        public double Peak { get; }

        /// <summary>The means of red, green and blue.</summary>
        public IReadOnlyList<double> Mean
        {
            get { return Array.AsReadOnly(_mean); }
        }

        /// <summary>The stds of red, green and blue.</summary>
        public IReadOnlyList<double> Std
        {
            get { return Array.AsReadOnly(_std); }
        }

        /// <summary>The range of a name.</summary>
        public static bool TryNamed(string name, out PixelRange range)
        {
            range = Array.Find(Named, candidate => candidate.Name == name);
            return range != null;
        }

        /// <summary>Whether both ranges have one name and one set of numbers.</summary>
        public bool Equals(PixelRange other)
        {
            bool same = other != null && Name == other.Name && Peak.Equals(other.Peak);
            for (int c = 0; c < 3 && same; c++)
            {
                same = _mean[c].Equals(other._mean[c]) && _std[c].Equals(other._std[c]);
            }
            return same;
        }

        /// <summary>Whether both ranges have one name and one set of numbers.</summary>
        public override bool Equals(object other)
        {
            return Equals(other as PixelRange);
        }

        /// <summary>A hash that agrees with equality.</summary>
        public override int GetHashCode()
        {
            return Peak.GetHashCode() * 31 + _mean[0].GetHashCode();
        }

        internal JsonValue ToJsonValue()
        {
            if (Name.Length > 0)
            {
                return JsonValue.Of(Name);
            }
            return JsonValue.NewObject()
                .Set("peak", JsonValue.Of(Peak))
                .Set("mean", Triple(_mean))
                .Set("std", Triple(_std));
        }

        private static JsonValue Triple(double[] numbers)
        {
            JsonValue array = JsonValue.NewArray();
            foreach (double number in numbers)
            {
                array.Add(JsonValue.Of(number));
            }
            return array;
        }

        private static double[] Same(double number)
        {
            return new[] { number, number, number };
        }

        private static StylebridgeException Unusable(string found)
        {
            return new StylebridgeException(
                found, "peak > 0, std > 0 and numbers that stay finite in float32", "",
                "", PixelRefusal.BadRange);
        }

        private void CheckNumbers()
        {
            float peak = (float)Peak;
            bool usable = peak > 0f && PixelMath.IsFinite(peak) && PixelMath.IsFinite((float)(255f / peak));
            for (int c = 0; c < 3; c++)
            {
                float mean = (float)_mean[c];
                float std = (float)_std[c];
                float below = (float)(-mean / std);
                float rest = (float)(peak - mean);
                float above = (float)(rest / std);
                float inverse = (float)(1f / std);
                usable &= std > 0f && PixelMath.IsFinite(std) && PixelMath.IsFinite(mean);
                usable &= PixelMath.IsFinite(below) && PixelMath.IsFinite(above) && PixelMath.IsFinite(inverse);
            }
            if (!usable)
            {
                throw Unusable("a range whose numbers can't be used");
            }
        }
    }
}
